//! A training that runs while a test does something to it.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use crate::support::Run;

/// A training that has begun. It ends with the test, also with one that fails.
pub struct Started {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Started {
    /// Starts the command and waits until it trains.
    pub fn new(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("training on") {
            assert_ne!(
                stderr.read_line(&mut said).unwrap(),
                0,
                "it ended before it trained: {said}"
            );
        }
        Started {
            child,
            stderr,
            said,
        }
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, `-INT` for one.
    pub fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub fn end(mut self) -> Run {
        let (mut stdout, mut stderr) = (Vec::new(), std::mem::take(&mut self.said));
        self.stderr.read_to_string(&mut stderr).unwrap();
        let mut pipe = self.child.stdout.take().unwrap();
        pipe.read_to_end(&mut stdout).unwrap();
        let status = self.child.wait().unwrap();
        Run::from(Output {
            status,
            stdout,
            stderr: stderr.into_bytes(),
        })
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It has usually ended, which is no reason to fail.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

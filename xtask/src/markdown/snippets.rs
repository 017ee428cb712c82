//! Commands of a page, run as a reader would run them, and what the page says they print.
//!
//! A block whose language is `sh` is a program for `bash -euo pipefail`. All blocks of one page run from top to bottom
//! in one fresh folder that holds a copy of the repository's `data/`, as if the reader had started in the repository's
//! root and worked through the page; the release build of `chainrule` stands first on the `PATH`. A block marked
//! `sh no_run` is not run: the developer commands, which would call themselves, and whatever needs a network.
//!
//! A block marked `text output` quotes the program above it: each of its lines must be among the lines that the program
//! wrote, in the same order. Numbers with a fraction may differ by one in a hundred, for another instruction set rounds
//! otherwise and a training adds that up.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::Page;

/// How far a quoted number with a fraction may be from the one that was written.
const TOLERANCE: f64 = 0.01;

/// A page's program in `sh`.
#[derive(Clone, Debug, PartialEq)]
pub struct Snippet {
    /// What to run.
    pub code: String,
    /// The line of its opening fence, counted from 1.
    pub line: usize,
    /// Whether it is run; not if it is marked `no_run`.
    pub runs: bool,
    /// What the page quotes of its output; empty if nothing.
    pub quoted: String,
}

/// The programs of a page, or a sentence for a block whose marks are not understood: it must not be skipped in silence.
pub fn snippets(page: &Page) -> Result<Vec<Snippet>, String> {
    let mut snippets: Vec<Snippet> = Vec::new();
    for block in &page.blocks {
        let marks = block.info.split([' ', ',']);
        let marks: Vec<&str> = marks.filter(|mark| !mark.is_empty()).collect();
        let refuse =
            |problem: &str| Err(format!("line {}: {:?}: {problem}", block.line, block.info));
        match marks[..] {
            ["sh"] | ["sh", "no_run"] => snippets.push(Snippet {
                code: block.code.clone(),
                line: block.line,
                runs: marks.len() == 1,
                quoted: String::new(),
            }),
            ["text", "output"] => match snippets.last_mut() {
                Some(snippet) if snippet.runs => snippet.quoted += &block.code,
                _ => return refuse("there is no program above it that is run"),
            },
            ["sh" | "bash" | "shell" | "zsh" | "console", ..] => {
                return refuse("commands are marked `sh`, or `sh no_run` where they cannot be run");
            }
            ["text", _, ..] => return refuse("the output of commands is marked `text output`"),
            _ => {}
        }
    }
    Ok(snippets)
}

impl Snippet {
    /// The first quoted line that `output` does not have where it should.
    pub fn misquoted<'a>(&'a self, output: &str) -> Option<&'a str> {
        let mut written = output.lines();
        let quoted = self.quoted.lines().filter(|line| !line.trim().is_empty());
        quoted
            .into_iter()
            .find(|quoted| !written.by_ref().any(|line| same(quoted, line)))
    }
}

/// Whether two lines have the same words, numbers with a fraction to within the tolerance.
fn same(quoted: &str, written: &str) -> bool {
    let (mut quoted, mut written) = (quoted.split_whitespace(), written.split_whitespace());
    loop {
        match (quoted.next(), written.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || near(a, b) => {}
            _ => return false,
        }
    }
}

fn near(a: &str, b: &str) -> bool {
    let fraction = |word: &str| {
        word.contains('.')
            .then(|| word.parse::<f64>().ok())
            .flatten()
    };
    match (fraction(a), fraction(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()),
        _ => false,
    }
}

/// A fresh folder in which the programs of one page run.
#[derive(Debug)]
pub struct Sandbox {
    folder: tempfile::TempDir,
    search_path: OsString,
}

impl Sandbox {
    /// A folder with a copy of the files of the folder `data` in it, and `binaries` first among the places of programs.
    pub fn new(data: &Path, binaries: &Path) -> io::Result<Sandbox> {
        let folder = tempfile::tempdir()?;
        let copy = folder.path().join("data");
        fs::create_dir(&copy)?;
        for entry in fs::read_dir(data)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), copy.join(entry.file_name()))?;
            }
        }
        let places = env::var_os("PATH").unwrap_or_default();
        let places = [PathBuf::from(binaries)]
            .into_iter()
            .chain(env::split_paths(&places));
        let search_path = env::join_paths(places).map_err(io::Error::other)?;
        Ok(Sandbox {
            folder,
            search_path,
        })
    }

    /// Runs one program and gives what it wrote: standard output, then standard error. If it fails, the error holds
    /// that too.
    pub fn run(&self, code: &str) -> Result<String, String> {
        let folder = self.folder.path();
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", code])
            .current_dir(folder)
            .env("PATH", &self.search_path)
            .env("HOME", folder) // nothing reaches the real one
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("bash cannot be run: {error}"))?;
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let written = words(&output.stdout) + &words(&output.stderr);
        if output.status.success() {
            Ok(written)
        } else {
            Err(format!("{}\n{written}", output.status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox() -> (tempfile::TempDir, Sandbox) {
        let source = tempfile::tempdir().unwrap();
        fs::write(source.path().join("table.csv"), "a,b\n1,2\n").unwrap();
        fs::create_dir(source.path().join("folder")).unwrap();
        let sandbox = Sandbox::new(source.path(), source.path()).unwrap();
        (source, sandbox)
    }

    #[test]
    fn blocks_are_run_unless_they_are_marked_and_other_languages_are_left_alone() {
        let page =
            "```sh\na\n```\n```sh no_run\nb\n```\n```rust\nc\n```\n```\nd\n```\n```text\ne\n```\n";
        let found = snippets(&Page::parse(page)).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|s| (s.code.as_str(), s.line, s.runs))
            .collect();
        assert_eq!(found, [("a\n", 1, true), ("b\n", 4, false)]);
    }

    #[test]
    fn marks_that_would_skip_a_block_in_silence_are_refused() {
        for info in [
            "bash",
            "shell",
            "console",
            "sh norun",
            "sh,ignore",
            "text out",
            "text output",
        ] {
            let refused = snippets(&Page::parse(&format!("text\n\n```{info}\na\n```\n")));
            assert!(refused.unwrap_err().starts_with("line 3: "), "{info}");
        }
    }

    #[test]
    fn quoted_output_must_have_been_written_in_that_order_and_numbers_may_differ_in_rounding() {
        let page = "```sh\na\n```\n```text output\nrmse  54.37\n\nrows 442\n```\n";
        let snippet = snippets(&Page::parse(page)).unwrap().remove(0);
        assert_eq!(
            snippet.misquoted("first\nrmse 54.40\nmore\nrows   442\n"),
            None
        );
        assert_eq!(
            snippet.misquoted("rmse 54.37\nrows 441\n"),
            Some("rows 442")
        );
        assert_eq!(
            snippet.misquoted("rows 442\nrmse 54.37\n"),
            Some("rows 442")
        );
        assert_eq!(
            snippet.misquoted("rmse 55.37\nrows 442\n"),
            Some("rmse  54.37")
        );
        assert_eq!(
            snippet.misquoted("rmse 54.37 54.37\nrows 442\n"),
            Some("rmse  54.37")
        );
    }

    #[test]
    fn a_program_sees_the_data_and_what_the_program_before_it_left() {
        let (_source, sandbox) = sandbox();
        sandbox
            .run("cat data/table.csv | tail -n 1 > row.csv")
            .unwrap();
        let written = sandbox.run("cat row.csv; test \"$HOME\" = \"$PWD\"; echo done >&2");
        assert_eq!(written, Ok("1,2\ndone\n".to_string()));
    }

    #[test]
    fn a_failing_command_fails_its_program_even_in_a_pipe_or_before_others() {
        let (_source, sandbox) = sandbox();
        for code in ["false\ntrue", "false | cat", "echo $undefined"] {
            assert!(sandbox.run(code).is_err(), "{code}");
        }
        let error = sandbox
            .run("echo seen\necho also seen >&2\nexit 3")
            .unwrap_err();
        assert!(
            error.contains('3') && error.contains("seen\nalso seen\n"),
            "{error}"
        );
    }

    #[test]
    fn two_sandboxes_share_nothing() {
        let ((_source, first), (_other, second)) = (sandbox(), sandbox());
        first.run("touch made").unwrap();
        second.run("test ! -e made").unwrap();
    }
}

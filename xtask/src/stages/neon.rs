//! The core's kernels with NEON, on an emulated processor: whoever changes them works on another kind as a rule.
//!
//! Rust's own linker and C library make the programs, QEMU runs them; no other compiler is needed.

use std::path::Path;
use std::process::Command;

use super::Notes;
use super::code::CHECKED;
use crate::process::{await_installation, cargo, output, run, works};

const TARGET: &str = "aarch64-unknown-linux-musl";
const QEMU: &str = "qemu-aarch64";

/// Parts of the names of tests that take long under emulation.
const SLOW: [&str; 1] = ["same_bits_in_one_call_and_in_two"];

pub fn run_emulated(root: &Path) -> Result<Notes, String> {
    let note = |why: &str| Ok(vec![why.to_owned()]);
    if cfg!(target_arch = "aarch64") {
        return note("nothing to emulate: this processor has NEON");
    }
    await_installation();
    if !works(Command::new(QEMU).arg("--version")) {
        return note(&format!(
            "NEON was not tried: {QEMU} is not installed here (Debian's package qemu-user)"
        ));
    }
    if !has_target(root) {
        return note(&format!(
            "NEON was not tried: there is no Rust for it here (rustup target add {TARGET})"
        ));
    }
    let variable = |name| {
        let target = TARGET.to_uppercase().replace('-', "_");
        format!("CARGO_TARGET_{target}_{name}")
    };
    let mut tests = cargo(root);
    tests
        .args(["test", "--locked", "--target", TARGET])
        .args(CHECKED)
        .args(["-p", "chainrule", "--lib", "--", "--quiet"])
        .args(SLOW.iter().flat_map(|name| ["--skip", name]))
        .env(variable("LINKER"), "rust-lld")
        .env(variable("RUSTFLAGS"), "-Clink-self-contained=yes")
        .env(variable("RUNNER"), QEMU);
    run(&mut tests)?;
    Ok(vec![])
}

/// Whether Rust's library for NEON is there, or rustup has fetched it now.
fn has_target(root: &Path) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root);
    let is_there = output(rustc.args(["--print", "target-libdir", "--target", TARGET]))
        .is_ok_and(|folder| Path::new(folder.trim()).exists());
    is_there || works(Command::new("rustup").args(["target", "add", TARGET]))
}

//! Stages that hand the code to cargo.

use std::path::Path;

use super::Notes;
use crate::playground::{Warnings, Web};
use crate::process::{cargo, run, works};

/// The packages with tests in Rust. Those of the Python package are in Python, and a build of it for tests would be for
/// nothing.
const TESTED: [&str; 4] = ["--workspace", "--exclude", "chainrule-python", "--locked"];

/// The profile of all stages: what one of them compiles of other people's code serves the others, and the command
/// itself.
const PROFILE: &str = "--release";

/// What tests change in it for our own code.
pub(super) const CHECKED: [&str; 3] = [PROFILE, "--config", "xtask/src/stages/checked.toml"];

pub fn format(root: &Path) -> Result<Notes, String> {
    run(cargo(root).args(["fmt", "--all", "--check"]))?;
    Ok(vec![])
}

pub fn clippy(root: &Path) -> Result<Notes, String> {
    let options = ["--workspace", "--all-targets", "--all-features", "--locked"];
    run(cargo(root)
        .args(["clippy", PROFILE])
        .args(options)
        .args(["--", "-D", "warnings"]))?;
    Ok(vec![])
}

/// By cargo-nextest where it is installed, which keeps all cores busy across programs; both build the same. It then
/// runs the core's tests again with each instruction set that is narrower than this processor's.
pub fn tests(root: &Path) -> Result<Notes, String> {
    // Without the examples as programs of their own: a test runs each.
    let kinds = ["--lib", "--bins", "--tests"];
    if !works(cargo(root).args(["nextest", "--version"])) {
        let runner = ["test", "--no-fail-fast"];
        run(cargo(root)
            .args(runner)
            .args(CHECKED)
            .args(TESTED)
            .args(kinds))?;
        let note = "the core's tests were run with the widest instructions alone: cargo-nextest is not installed here";
        return Ok(vec![note.to_string()]);
    }
    let runner = ["nextest", "run", "--status-level", "fail", "--no-fail-fast"];
    let nextest = || {
        let mut cargo = cargo(root);
        cargo.args(runner).args(CHECKED).args(TESTED).args(kinds);
        cargo
    };
    run(&mut nextest())?;
    for narrower in narrower_instructions() {
        let core = ["-E", "package(chainrule)"];
        run(nextest().args(core).env("CHAINRULE_INSTRUCTIONS", narrower))?;
    }
    Ok(vec![])
}

/// The instruction sets below the widest that this processor has, as `CHAINRULE_INSTRUCTIONS` names them.
fn narrower_instructions() -> &'static [&'static str] {
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx512 = std::arch::is_x86_feature_detected!("avx512f");
        let has_avx2 = std::arch::is_x86_feature_detected!("avx2");
        match (has_avx512, has_avx2) {
            (true, _) => &["avx2", "none"],
            (false, true) => &["none"],
            (false, false) => &[],
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    &[]
}

pub fn doctests(root: &Path) -> Result<Notes, String> {
    run(cargo(root)
        .args(["test", "--doc"])
        .args(CHECKED)
        .args(TESTED))?;
    Ok(vec![])
}

pub fn core_alone(root: &Path) -> Result<Notes, String> {
    let options = ["-p", "chainrule", "--no-default-features"];
    let without_formats = ["-p", "chainrule-cli", "--no-default-features"];
    // Clippy checks as `cargo check` does, and fails on warnings.
    for options in [options, without_formats] {
        run(cargo(root)
            .args(["clippy", PROFILE, "--locked"])
            .args(options)
            .args(["--", "-D", "warnings"]))?;
    }

    let web = match Web::find(root) {
        Ok(web) => web,
        Err(missing) => {
            return Ok(vec![format!(
                "the core was not compiled for a browser: {missing}"
            )]);
        }
    };
    // With the feature that the page needs, so that the page's stage finds it compiled.
    let mut core = web.compile(root, "build", Warnings::Denied)?;
    run(core.args(options).args(["--features", "serde", "--lib"]))?;
    Ok(vec![])
}

pub fn rustdoc(root: &Path) -> Result<Notes, String> {
    let options = ["--workspace", "--no-deps", "--all-features", "--locked"];
    run(cargo(root)
        .args(["doc", PROFILE])
        .args(options)
        .env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(vec![])
}

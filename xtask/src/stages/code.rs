//! Stages that hand the code to cargo.

use std::path::Path;
use std::process::Command;

use super::Notes;
use crate::process::{cargo, output, run};

/// The target that the core crate must also build for: no threads, no files, no clock.
const WEB: &str = "wasm32-unknown-unknown";

pub fn format(root: &Path) -> Result<Notes, String> {
    run(cargo(root).args(["fmt", "--all", "--check"]))?;
    Ok(vec![])
}

pub fn clippy(root: &Path) -> Result<Notes, String> {
    let options = ["--workspace", "--all-targets", "--all-features", "--locked"];
    run(cargo(root)
        .arg("clippy")
        .args(options)
        .args(["--", "-D", "warnings"]))?;
    Ok(vec![])
}

pub fn tests(root: &Path) -> Result<Notes, String> {
    run(cargo(root).args(["test", "--workspace", "--locked"]))?;
    Ok(vec![])
}

pub fn core_alone(root: &Path) -> Result<Notes, String> {
    let options = ["-p", "chainrule", "--no-default-features", "--locked"];
    let denied = ["--", "-D", "warnings"];
    // Clippy checks as `cargo check` does, and fails on warnings.
    run(cargo(root).arg("clippy").args(options).args(denied))?;

    let sysroot = output(
        Command::new("rustc")
            .current_dir(root)
            .args(["--print", "sysroot"]),
    )?;
    if !Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WEB)
        .is_dir()
    {
        let how = format!("rustup target add {WEB}");
        return Ok(vec![format!(
            "not checked for {WEB}, which is not installed here ({how})"
        )]);
    }
    run(cargo(root)
        .arg("clippy")
        .args(options)
        .args(["--target", WEB])
        .args(denied))?;
    Ok(vec![])
}

pub fn rustdoc(root: &Path) -> Result<Notes, String> {
    let options = [
        "doc",
        "--workspace",
        "--no-deps",
        "--all-features",
        "--locked",
    ];
    run(cargo(root).args(options).env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(vec![])
}

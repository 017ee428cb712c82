//! No file may name a place on the machine that it was written on: such a path means nothing to anyone else.

use std::path::Path;
use std::process::Command;

use super::Notes;

/// Folders at the top of a machine below which people and services keep their own files.
const PRIVATE: &str = "(builds|home|media|mnt|root|Users|Volumes|work|workspace)";

pub fn run(root: &Path) -> Result<Notes, String> {
    let found = search(root, &["--untracked"])?;
    if found.is_empty() {
        Ok(vec![])
    } else {
        Err(found)
    }
}

/// The lines below a folder that name such a place, with file and number.
fn search(folder: &Path, options: &[&str]) -> Result<String, String> {
    // In `docs/home/a` or `https://example.org/home/a` it is a folder like others.
    let path = format!("(^|[^[:alnum:]_.~}})>*/-]|file://)/{PRIVATE}/");
    let windows = format!(r":\\{PRIVATE}\\");
    let mut git = Command::new("git");
    git.current_dir(folder).args(["grep", "-I", "-n", "-E"]);
    let output = git
        .args(options)
        .args(["-e", &path, "-e", &windows])
        .output();
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    match output.status.code() {
        Some(0 | 1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_machine_are_found_and_other_paths_are_not() {
        // Put together here so that this file does not name such a place itself.
        let inside = |top: &str| format!("/{top}/ada/model.csv");
        let windows = ["C:", "Users", "ada"].join("\\");
        let url = format!("file://{}", inside("Users"));
        let code = format!("open(\"{}\")", inside("root"));
        let bad = [inside("home"), code, url, windows];
        let good = [
            "docs/home/index.md",
            "https://example.org/home/a",
            "./home/a",
            "$HOME/root/a",
            "a / work / b",
            "~/.local/share",
        ];
        let folder = tempfile::tempdir().unwrap();
        let lines = bad.join("\n") + "\n" + &good.join("\n");
        std::fs::write(folder.path().join("page.md"), lines).unwrap();
        let found = search(folder.path(), &["--no-index"]).unwrap();
        let expected: Vec<_> = (1..)
            .zip(&bad)
            .map(|(n, line)| format!("page.md:{n}:{line}\n"))
            .collect();
        assert_eq!(found, expected.concat());
    }
}

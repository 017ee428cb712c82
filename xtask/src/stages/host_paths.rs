//! No file may name a place on the machine that it was written on: such a path means nothing to anyone else.

use std::path::Path;

use super::Notes;
use crate::repository;

/// Folders at the top of a machine below which people and services keep their own files.
const PRIVATE: [&str; 9] = [
    "builds",
    "home",
    "media",
    "mnt",
    "root",
    "Users",
    "Volumes",
    "work",
    "workspace",
];

pub fn run(root: &Path) -> Result<Notes, String> {
    let files = repository::files(root)?;
    let mut found = Vec::new();
    for file in &files {
        let content = std::fs::read(root.join(file))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let text = String::from_utf8_lossy(&content);
        let lines = text.lines().enumerate();
        found.extend(
            lines
                .filter(|(_, line)| names_a_private_place(line))
                .map(|(l, line)| format!("{}:{}: {}", file.display(), l + 1, line.trim())),
        );
    }
    if !found.is_empty() {
        return Err(found.join("\n"));
    }
    println!("{} files", files.len());
    Ok(vec![])
}

fn names_a_private_place(line: &str) -> bool {
    PRIVATE.iter().any(|folder| {
        let windows = line.contains(&format!(":\\{folder}\\"));
        let path = format!("/{folder}/");
        let mut starts = line.match_indices(&path).map(|(start, _)| &line[..start]);
        // In `docs/home/a` or `https://example.org/home/a` it is a folder like others.
        windows
            || starts.any(|before| {
                !before.ends_with(|c: char| c.is_alphanumeric() || "_-.~})>*/".contains(c))
                    || before.ends_with("file://")
            })
    })
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
        for bad in [inside("home"), code, url, windows] {
            assert!(names_a_private_place(&bad), "{bad}");
        }
        for good in [
            "docs/home/index.md",
            "https://example.org/home/a",
            "./home/a",
            "$HOME/root/a",
            "a / work / b",
            "~/.local/share",
        ] {
            assert!(!names_a_private_place(good), "{good}");
        }
    }
}

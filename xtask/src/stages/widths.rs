//! Comments and prose are lines of at most 120 columns, as code is by rustfmt.

use std::path::Path;
use std::process::Command;

use super::Notes;
use crate::process;

const MOST: usize = 120;

/// Pages that programs write.
const WRITTEN: &str = "bench/results/";

pub fn run(root: &Path) -> Result<Notes, String> {
    let mut git = Command::new("git");
    let files = ["ls-files", "--", "*.rs", "*.md"];
    let files = process::output(git.current_dir(root).args(files))?;
    let mut found = String::new();
    for file in files.lines().filter(|file| !file.starts_with(WRITTEN)) {
        // A file that is known to git may have been moved away since.
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        for line in wide(&text, file.ends_with(".rs")) {
            found += &format!("{file}, line {line}: more than {MOST} columns\n");
        }
    }
    match found.is_empty() {
        true => Ok(vec![]),
        false => Err(found),
    }
}

/// The numbers of the wide lines, of a page or of the comments of a program. Tables, figures and what stands between
/// fences cannot be broken anywhere.
fn wide(text: &str, is_program: bool) -> Vec<usize> {
    let (mut wide, mut fenced) = (vec![], false);
    for (line, number) in text.lines().zip(1..) {
        let words = match is_program {
            false => Some(line.trim_start()),
            true => line.trim_start().strip_prefix("//"),
        };
        let Some(words) = words else {
            fenced = false;
            continue;
        };
        let words = words.trim_start_matches(['/', '!']).trim_start();
        if words.starts_with("```") {
            fenced = !fenced;
        }
        let whole = words.starts_with('|') || line.starts_with("![");
        if !fenced && !whole && line.chars().count() > MOST {
            wide.push(number);
        }
    }
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_prose_is_found_and_what_cannot_be_broken_is_not() {
        let (words, dashes) = ("word ".repeat(30), "–".repeat(120));
        let page = format!(
            "{words}\n\n| {words} |\n```\n{words}\n```\n![{words}](a.svg)\n{dashes}\n- {words}\n"
        );
        assert_eq!(wide(&page, false), [1, 9]);
        let program = format!(
            "//! {words}\nlet a = \"{words}\";\n    // ```\n    // {words}\n    let a = 0;\n    /// {words}\n"
        );
        assert_eq!(wide(&program, true), [1, 6]);
    }
}

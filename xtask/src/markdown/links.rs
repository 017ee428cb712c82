//! Dead links: every relative path and every `#anchor` of a page must lead somewhere inside the repository.
//!
//! Links to other hosts are not followed: a test must not depend on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::{Link, Page};

/// One line for every link that leads nowhere. `files` are all files of the repository, `pages` the Markdown ones among
/// them.
pub fn dead_links(files: &BTreeSet<PathBuf>, pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let mut dead = Vec::new();
    for (path, page) in pages {
        let mut report = |link: &Link, problem: String| {
            dead.push(format!(
                "{}:{}: {}: {problem}",
                path.display(),
                link.line,
                link.target
            ));
        };
        for link in &page.links {
            if let Err(problem) = follow(path, &link.target, files, pages) {
                report(link, problem);
            }
        }
        for link in &page.undefined {
            report(
                link,
                "this reference is not defined on the page".to_string(),
            );
        }
    }
    dead
}

fn follow(
    from: &Path,
    target: &str,
    files: &BTreeSet<PathBuf>,
    pages: &BTreeMap<PathBuf, Page>,
) -> Result<(), String> {
    // In a lesson of the playground `set:` changes the page beside it.
    if ["http://", "https://", "mailto:", "set:"]
        .iter()
        .any(|scheme| target.starts_with(scheme))
    {
        return Ok(());
    }
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let to = if path.is_empty() {
        from.to_path_buf()
    } else {
        resolve(from, path)?
    };
    let is_folder = || files.iter().any(|file| file.starts_with(&to));
    if !files.contains(&to) && !is_folder() {
        return Err(format!("the repository has no {}", to.display()));
    }
    let Some(anchor) = anchor else { return Ok(()) };
    let page = pages
        .get(&to)
        .ok_or_else(|| format!("{} has no headings", to.display()))?;
    if page.anchors.contains(anchor) {
        Ok(())
    } else {
        Err(format!("{} has no heading for #{anchor}", to.display()))
    }
}

/// The path from the root that a relative path on the page `from` means.
fn resolve(from: &Path, path: &str) -> Result<PathBuf, String> {
    let mut resolved = from.parent().unwrap_or(Path::new("")).to_path_buf();
    for component in Path::new(path).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => resolved.push(name),
            Component::ParentDir if resolved.pop() => {}
            _ => return Err("it leads out of the repository".to_string()),
        }
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dead links of a repository of these pages and a file `src/lib.rs`, as `line: target`.
    fn dead(pages: &[(&str, &str)]) -> Vec<String> {
        let pages: BTreeMap<_, _> = pages
            .iter()
            .map(|(path, text)| (PathBuf::from(path), Page::parse(text)))
            .collect();
        let files = pages
            .keys()
            .cloned()
            .chain([PathBuf::from("src/lib.rs")])
            .collect();
        dead_links(&files, &pages)
    }

    #[test]
    fn links_that_lead_somewhere_are_not_reported() {
        let readme = "# Top\n[a](docs/a.md) [b](docs/a.md#part-one) [c](#top) [d](src) [e](./src/lib.rs) [f](https://example.org/#x)";
        assert_eq!(
            dead(&[
                ("README.md", readme),
                ("docs/a.md", "# Part one\n[up](../README.md#top) [root](..)")
            ]),
            [""; 0]
        );
    }

    #[test]
    fn missing_files_and_anchors_are_reported_with_page_and_line() {
        let readme = "one\n\n[a](docs/gone.md)\n[b](docs/a.md#gone)\n[c](#gone)\n[d](src/lib.rs#L3)\n[e](../out.md)\n[f](/abs.md)\n[g][h]";
        let expected = [
            "README.md:3: docs/gone.md: the repository has no docs/gone.md",
            "README.md:4: docs/a.md#gone: docs/a.md has no heading for #gone",
            "README.md:5: #gone: README.md has no heading for #gone",
            "README.md:6: src/lib.rs#L3: src/lib.rs has no headings",
            "README.md:7: ../out.md: it leads out of the repository",
            "README.md:8: /abs.md: it leads out of the repository",
            "README.md:9: h: this reference is not defined on the page",
        ];
        assert_eq!(
            dead(&[("README.md", readme), ("docs/a.md", "# A")]),
            expected
        );
    }
}

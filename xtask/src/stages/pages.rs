//! Stages that look at the Markdown pages: where their links lead, and whether their commands work.

use std::path::Path;

use super::Notes;
use crate::markdown::{Page, Sandbox, dead_links, snippets};
use crate::repository;

pub fn links(root: &Path) -> Result<Notes, String> {
    let files = repository::files(root)?;
    let pages = repository::pages(root)?;
    let pages = pages
        .into_iter()
        .map(|(path, text)| (path, Page::parse(&text)))
        .collect();
    let dead = dead_links(&files, &pages);
    if !dead.is_empty() {
        return Err(dead.join("\n"));
    }
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    println!("{links} links on {} pages", pages.len());
    Ok(vec![])
}

pub fn commands(root: &Path) -> Result<Notes, String> {
    let binaries = repository::build_release(root)?.join("release");

    for (path, text) in repository::pages(root)? {
        let snippets = snippets(&Page::parse(&text))
            .map_err(|problem| format!("{}: {problem}", path.display()))?;
        if snippets.is_empty() {
            continue;
        }
        let sandbox = Sandbox::new(&root.join("data"), &binaries)
            .map_err(|error| format!("no folder to run commands in: {error}"))?;
        for snippet in snippets {
            let place = format!("{}:{}", path.display(), snippet.line);
            if !snippet.runs {
                println!("{place} not run: it is marked no_run");
                continue;
            }
            let written = sandbox.run(&snippet.code).map_err(|problem| {
                format!("{place}: {problem}\nthe commands were:\n{}", snippet.code)
            })?;
            if let Some(line) = snippet.misquoted(&written) {
                return Err(format!(
                    "{place}: the page quotes\n{line}\nbut the commands wrote\n{written}"
                ));
            }
            println!("{place} ran");
        }
    }
    Ok(vec![])
}

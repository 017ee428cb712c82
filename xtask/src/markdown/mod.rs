//! Markdown pages as the repository's readers see them: links, places that can be linked to, blocks of code.

mod links;
mod page;
mod snippets;

pub use links::dead_links;
pub use page::{Block, Link, Page};
pub use snippets::{Sandbox, Snippet, snippets};

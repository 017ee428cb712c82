//! What the playground shows, computed: the core and the reader of tables behind a page in the browser.
//!
//! The page draws and asks; every number on it comes from here, and here from the code that the command trains with.
//! Nothing knows of the browser but `bindings`, so the tests run anywhere.

mod bindings;
mod check;
mod grid;
mod mistakes;
mod neurons;
mod numbers;
mod opening;
mod results;
mod session;
mod settings;
mod sources;
mod sums;
#[cfg(test)]
mod tests;
mod walk;

pub use bindings::{Playground, choices, columns, model};

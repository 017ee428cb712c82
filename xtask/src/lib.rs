//! The project's own tasks, run as `cargo xtask TASK`.
//!
//! A task is made of stages; [`stages::STAGES`] lists them, one line each. What a stage needs to look at Markdown pages
//! is in [`markdown`]. Nothing here is published or reaches a user's build.

#![forbid(unsafe_code)]

pub mod bench;
pub mod fuzz;
pub mod markdown;
pub mod playground;
mod process;
mod repository;
pub mod stages;
pub mod svg;
pub mod wheels;

/// The Rust examples of the pages, compiled and run as documentation tests of this package.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/architecture.md")]
    mod architecture {}
    #[doc = include_str!("../../docs/command-line.md")]
    mod command_line {}
}

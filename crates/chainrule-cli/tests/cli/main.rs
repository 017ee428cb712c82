//! The command as a user meets it: what it prints, what it says, how it exits, what it leaves in the folder.

mod bad_input;
mod config;
mod demo;
mod faults;
mod help;
mod interruption;
mod intervals;
mod limits;
mod model_in_use;
mod outputs;
mod pages;
mod reasons;
mod recipes;
mod reported;
mod rows_and_names;
mod saving;
mod started;
mod stopping;
mod support;
mod tables;
mod training;

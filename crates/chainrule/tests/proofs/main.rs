//! The proofs, one program: building and linking the network once for each file took most of the tests' time.

mod allocations;
mod corrections;
mod encoded;
mod examples;
mod gradients;
mod lesson;
mod memory;
mod numbers;
mod prediction;
mod properties;
mod pytorch_reference;
mod rows;
mod training;
mod worked_example;

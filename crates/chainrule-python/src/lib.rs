//! `chainrule._core`: the networks and their equations for Python, over NumPy arrays.
//!
//! Every function checks types and shapes before it calls the core crate, which would panic: what is wrong becomes a
//! `TypeError` or a `ValueError`. A panic that is left would be a fault of this crate's, and becomes a `RuntimeError`.
//! Arrays come in as they are, C-contiguous and of one precision; converting them is the work of the Python modules,
//! and so is everything that people see. The interpreter is released while rows are worked on.

#![forbid(unsafe_code)]

mod arrays;
mod elsewhere;
mod equations;
mod few;
mod fitting;
mod frames;
mod memory;
mod messages;
mod model_file;
mod network;
mod panics;
mod prediction;
mod reasons;
mod solver;
mod tables;
mod threads;
mod told;
mod training;

use pyo3::prelude::*;

/// The networks and their equations over NumPy arrays; what the public modules of `chainrule` are made of.
// Free-threaded Python has not been tested.
#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use super::elsewhere::{Elsewhere, Worker};
    #[pymodule_export]
    use super::equations::{
        activation_derivative, activation_forward, affine_backward, affine_forward,
        canonical_activation, canonical_loss, has_log_link, loss_and_gradient,
    };
    #[pymodule_export]
    use super::few::{may_be_single, predict_few};
    #[pymodule_export]
    use super::fitting::{Trained, fit_table};
    #[pymodule_export]
    use super::memory::expect_free;
    #[pymodule_export]
    use super::model_file::{Model, load, model_from_bytes, save_model, save_network};
    #[pymodule_export]
    use super::network::{Network, network_from_bytes};
    #[pymodule_export]
    use super::reasons::{dependence, explain_row, importance};
    #[pymodule_export]
    use super::solver::Solver;
    #[pymodule_export]
    use super::tables::{interval_in_words, predict_table, write_page_of_table};
    #[pymodule_export]
    use super::told::{histories, inspect_table, told, unseen_errors};
    #[pymodule_export]
    use super::training::fit;

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

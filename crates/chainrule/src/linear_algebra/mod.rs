//! The three matrix products that a network needs, in register tiles, and a naive reference beside them.
//!
//! | product | `C ←` | where it stands in backpropagation | what runs it there |
//! |---|---|---|---|
//! | [`product_nt`] | `A Bᵀ` | forward, `Z = X Wᵀ` (F1) | `Weights::affine` |
//! | [`product_tn`] | `Aᵀ B` | weights, `∂C/∂W = Gᵀ X` (B2) | `BlockSums::add_product` |
//! | [`product_nn`] | `A B` | inputs, `∂C/∂X = G W` (B4) | `Weights::backward` |
//!
//! Each product takes views with any strides, overwrites the whole of `C` whatever it held, runs on the calling thread,
//! and depends on nothing but shapes and values: the same call gives the same bits wherever it runs on one machine. An
//! empty inner dimension gives zeros.
//!
//! A pass over several blocks of rows reads the same weights again and again. `Weights` lays them out for that once,
//! and `BlockSums` adds the blocks' products up, shared among threads. Both hide how that is done: a layer's file shows
//! the equations alone.
//!
//! ```
//! use chainrule::linear_algebra::product_nt;
//! use ndarray::{array, Array2};
//!
//! let x = array![[1.0, 2.0], [3.0, 4.0]];
//! let w = array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
//! let mut z = Array2::zeros((2, 3));
//! product_nt(x.view(), w.view(), z.view_mut());
//! assert_eq!(z, array![[1.0, 2.0, 3.0], [3.0, 4.0, 7.0]]);
//! ```

pub(crate) mod aligned;
mod block_sums;
mod input_panels;
mod kernels;
pub mod naive;
mod packed_rows;
mod packed_weights;
mod products;
mod running_sum_gradients;
mod running_sums;
mod shapes;
mod sparse_rows;
mod sums;
#[cfg(test)]
mod tests;
mod weights;

pub(crate) use block_sums::{BlockSums, Rows, packs_rows, sum_over_blocks};
pub(crate) use kernels::factor::GROUP;
pub(crate) use packed_rows::PackedRows;
pub(crate) use packed_weights::PackedWeights;
pub use products::{product_nn, product_nt, product_tn};
pub(crate) use running_sum_gradients::{PanelSums, Part, RunningSumGradients};
pub(crate) use running_sums::RunningSums;
pub(crate) use shapes::{first_rows, first_rows_mut};
pub(crate) use sparse_rows::SparseRows;
pub use sums::column_sums;
pub(crate) use sums::sum_of_squares;
pub(crate) use weights::{Layout, Weights};

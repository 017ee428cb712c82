//! Sums over the rows of a batch that lies in several blocks, `Gᵀ X` and `Gᵀ 1`: shared among threads, and the same
//! bits however many there are.
//!
//! A sum that is cut into one part for each thread would change with their number. So threads share not the rows but
//! the outputs: one thread runs along all blocks for its rows of `Gᵀ X`, in the blocks' order, and adds row after row
//! to the sum that the block before left.

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis};

use super::packed_rows::PackedRows;
use super::products::{LARGE_FACTOR, product_over_rows};
use super::sums::sum_columns;
use crate::Real;
use crate::parallel::join;

/// At most this many pieces of the outputs are shared among threads, each of at least so many outputs: a product of
/// fewer spends its time on bringing the inputs near.
const MAX_PIECES: usize = 4;
const MIN_PIECE: usize = 64;
/// Multiplications that are worth being shared: some microseconds of one thread.
const SHARED_PRODUCT: usize = 1 << 18;
/// Outputs that a product takes at a time: pieces are whole numbers of them.
const OUTPUTS_OF_A_TILE: usize = 8;

/// `X (n,i)` of one block.
pub(crate) enum Rows<'a, R> {
    /// Where it lies.
    InPlace(ArrayView2<'a, R>),
    /// Laid out for the sums, where [that is worth it](packs_rows).
    Packed(&'a PackedRows<R>),
}

/// Whether `Gᵀ X` is faster from rows that were laid out for it: where the layer is wide, and has so many outputs that
/// copying its inputs is little beside the product.
pub(crate) fn packs_rows(inputs: usize, outputs: usize) -> bool {
    inputs * outputs > LARGE_FACTOR && outputs >= MIN_PIECE
}

/// The sums of some outputs over all rows so far.
pub(crate) struct BlockSums<'s, R> {
    /// The first of these outputs.
    first: usize,
    /// `Gᵀ X`, their rows of `(o,i)`.
    product: ArrayViewMut2<'s, R>,
    /// `Gᵀ 1`, their part of `(o)`.
    columns: ArrayViewMut1<'s, R>,
    /// Whether rows have been summed up before; else the block at hand overwrites what is there.
    goes_on: bool,
}

impl<R: Real> BlockSums<'_, R> {
    /// Adds the block's `Gᵀ X`.     `G (n,o)  X (n,i)`     (B2, B5)
    #[inline(always)] // As `Weights::affine`; so below.
    #[track_caller]
    pub(crate) fn add_product(&mut self, g: &ArrayView2<R>, x: &Rows<R>) {
        let g = self.own_columns(g);
        match x {
            Rows::InPlace(x) => product_over_rows(&g, x, self.goes_on, &mut self.product),
            Rows::Packed(x) => x.product_over_rows(&g, self.goes_on, &mut self.product),
        }
    }

    /// Adds the block's `Gᵀ 1`.     `G (n,o)`     (B3, B5)
    #[inline(always)]
    #[track_caller]
    pub(crate) fn add_columns(&mut self, g: &ArrayView2<R>) {
        sum_columns(&self.own_columns(g), self.goes_on, &mut self.columns);
    }

    /// The columns of `G` that belong to these outputs.
    #[inline(always)]
    fn own_columns<'g>(&self, g: &ArrayView2<'g, R>) -> ArrayView2<'g, R> {
        let outputs = self.columns.len();
        if outputs == g.ncols() {
            return *g;
        }
        let (_, from_first) = g.split_at(Axis(1), self.first);
        from_first.split_at(Axis(1), outputs).0
    }
}

/// `product ← Σ_m G_mᵀ X_m` and `columns ← Σ_m G_mᵀ 1` over `blocks` blocks `m` of a batch of `rows` rows, in their
/// order.     (B2, B3, B5)
///
/// `add(m, sums)` adds those of block `m`. If the batch has earlier blocks, the sums go on from what is there. Outputs
/// are shared among the threads of a pool, in pieces that follow from the shapes.
#[track_caller]
pub(crate) fn sum_over_blocks<R: Real>(
    (product, columns): (&mut Array2<R>, &mut Array1<R>),
    goes_on: bool,
    rows: usize,
    blocks: usize,
    add: &(impl Fn(usize, &mut BlockSums<R>) + Sync),
) {
    let piece = match rows * product.len() {
        0..SHARED_PRODUCT => usize::MAX,
        _ => columns.len().div_ceil(MAX_PIECES).max(MIN_PIECE),
    };
    let sums = BlockSums {
        first: 0,
        product: product.view_mut(),
        columns: columns.view_mut(),
        goes_on,
    };
    sum_pieces(sums, piece, blocks, add);
}

/// The sums of outputs in halves of halves, down to `piece` of them.
#[track_caller]
fn sum_pieces<R: Real>(
    mut sums: BlockSums<R>,
    piece: usize,
    blocks: usize,
    add: &(impl Fn(usize, &mut BlockSums<R>) + Sync),
) {
    let outputs = sums.columns.len();
    if outputs <= piece {
        for m in 0..blocks {
            add(m, &mut sums);
            sums.goes_on = true; // (B5)
        }
        return;
    }
    let middle = (outputs / 2).next_multiple_of(OUTPUTS_OF_A_TILE);
    let (upper, lower) = sums.product.split_at(Axis(0), middle);
    let (left, right) = sums.columns.split_at(Axis(0), middle);
    let half = |first, product, columns| BlockSums {
        first,
        product,
        columns,
        goes_on: sums.goes_on,
    };
    let upper = half(sums.first, upper, left);
    let lower = half(sums.first + middle, lower, right);
    join(
        || sum_pieces(upper, piece, blocks, add),
        || sum_pieces(lower, piece, blocks, add),
    );
}

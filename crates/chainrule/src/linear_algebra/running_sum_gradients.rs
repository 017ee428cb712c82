//! The gradients of an encoded first layer: sums over the rows of a batch that lies in several blocks, then along the
//! bins of each column.

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis};

use super::input_panels::{InputPanels, panel_outputs, panel_stride};
use super::kernels::factor::Factor;
use super::kernels::packing::pack;
use super::kernels::running::RunningRows;
use super::kernels::sparse::{AddUp, Terms};
use super::running_sums::INPUTS_AT_A_TIME;
use super::shapes::beside;
use super::sparse_rows::SparseRows;
use super::sums::sum_columns;
use crate::Real;
use crate::parallel::{join, threads};

/// `∂C/∂V (i,o)` of the rows so far.
#[derive(Debug)]
pub(crate) struct RunningSumGradients<R> {
    panels: InputPanels<R>,
}

/// Where some blocks of a batch stand among all of them.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Whether blocks came before.
    pub(crate) goes_on: bool,
    /// Whether no blocks come behind.
    pub(crate) is_last: bool,
}

impl<R: Real> RunningSumGradients<R> {
    /// Room for a layer's sums.
    pub(crate) fn zeros(inputs: usize, outputs: usize) -> Self {
        RunningSumGradients {
            panels: InputPanels::zeros(inputs, outputs),
        }
    }

    /// `∂C/∂V ← Σ_m U_mᵀ G_m` and `∂C/∂b ← Σ_m G_mᵀ 1` over `blocks` blocks `m` of a part of a batch, in their order;
    /// behind the last part `∂C/∂W` from `∂C/∂V`.     (B3, B5, E4, E5)
    ///
    /// `add(m, sums)` adds those of block `m`, `carry(sums)` takes `∂C/∂W` from them. Outputs are shared among the
    /// threads of a pool. Each sum is one thread's and has the same bits, however rows are cut into blocks and parts.
    ///
    /// # Panics
    ///
    /// If the gradients have other shapes.
    #[track_caller]
    pub(crate) fn sum_over_blocks(
        &mut self,
        (dc_dw, dc_db): (&mut Array2<R>, &mut Array1<R>),
        part: Part,
        blocks: usize,
        add: &(impl Fn(usize, &mut PanelSums<R>) + Sync),
        carry: &(impl Fn(&mut PanelSums<R>) + Sync),
    ) {
        let (i, o) = (self.panels.inputs(), self.panels.outputs());
        assert_eq!(
            (dc_dw.dim(), dc_db.len()),
            ((o, i), o),
            "shapes of ∂C/∂W and ∂C/∂b"
        );
        let sums = PanelSums {
            first: 0,
            dc_dv: self.panels.elements_mut(),
            dc_dw: dc_dw.view_mut(),
            dc_db: dc_db.view_mut(),
            goes_on: part.goes_on,
        };
        // Where one thread takes all rows at once, a panel's sums are nobody's business behind it: the next panel finds
        // their place in the second cache.
        let one_place = !part.goes_on && part.is_last && threads() == 1;
        for_each_panel(sums, one_place, &|sums| {
            for m in 0..blocks {
                add(m, sums);
                sums.goes_on = true; // (B5)
            }
            if part.is_last {
                carry(sums);
            }
        });
    }
}

/// The sums of a panel's outputs over all rows so far.
pub(crate) struct PanelSums<'s, R> {
    /// The first of these outputs.
    first: usize,
    dc_dv: &'s mut [R],
    dc_dw: ArrayViewMut2<'s, R>,
    dc_db: ArrayViewMut1<'s, R>,
    /// Whether rows have been added before; else the block at hand overwrites what is there.
    goes_on: bool,
}

impl<R: Real> PanelSums<'_, R> {
    /// Adds the block's `Gᵀ 1`.     `G (n,o)`     (B3, B5)
    #[track_caller]
    pub(crate) fn add_columns(&mut self, g: &ArrayView2<R>) {
        sum_columns(&self.own_columns(g), self.goes_on, &mut self.dc_db);
    }

    /// Adds the block's `Uᵀ G`.     `U (n,i)  G (n,o)`     (B5, E4)
    ///
    /// # Panics
    ///
    /// If `U` has other inputs than the sums, or `G` other rows than `U`.
    #[track_caller]
    pub(crate) fn add_product(&mut self, u: &SparseRows<R>, g: &ArrayView2<R>) {
        let (n, columns) = (u.rows(), self.dc_db.len());
        let g = self.own_columns(g);
        if !self.goes_on {
            let elements = u.inputs() * panel_stride::<R>(columns);
            self.dc_dv[..elements].fill(R::zero());
        }
        assert!(
            u.inputs() == self.dc_dw.ncols() && g.nrows() == n && beside(&g),
            "∂C/∂V + Uᵀ G: U has the shape {:?}, G {:?}, ∂C/∂W {:?}",
            (n, u.inputs()),
            g.dim(),
            self.dc_dw.dim()
        );
        let (indices, factors) = u.slices();
        let add_up = AddUp {
            n,
            columns,
            terms: Terms {
                per_row: u.terms(),
                indices,
                factors,
            },
            g: g.as_ptr(),
            g_stride: g.strides()[0] as usize,
            panel: self.dc_dv.as_mut_ptr(),
            panel_stride: panel_stride::<R>(columns),
        };
        // SAFETY: the shapes were compared; all of U's indices are below its inputs, and the panel has as many rows. It
        // is borrowed mutably, so it does not overlap G.
        unsafe { add_up.run() };
    }

    /// The columns of `G` that belong to these outputs.
    fn own_columns<'g>(&self, g: &ArrayView2<'g, R>) -> ArrayView2<'g, R> {
        let (_, from_first) = g.split_at(Axis(1), self.first);
        from_first.split_at(Axis(1), self.dc_db.len()).0
    }

    /// `∂C/∂W_t ← Σ_{s ≥ t} ∂C/∂V_s`, over the bins `s` of the column of `t`: `goes_on` tells which inputs are bins
    /// behind another.     (E5)
    pub(crate) fn carry_to_weights(&mut self, goes_on: &[bool]) {
        let (outputs, inputs) = self.dc_dw.dim();
        assert_eq!(goes_on.len(), inputs, "what is known of the inputs");
        let stride = panel_stride::<R>(outputs);
        let to_stride = self.dc_dw.strides()[0] as usize;
        let firsts = (0..inputs).step_by(INPUTS_AT_A_TIME).rev();
        for first in firsts {
            let end = inputs.min(first + INPUTS_AT_A_TIME);
            let behind = |t: usize| t + 1 < inputs && goes_on[t + 1];
            let sums = RunningRows {
                first: self.dc_dv[(end - 1) * stride..].as_mut_ptr(),
                step: -(stride as isize),
                columns: outputs,
                goes_on: (first..end).rev().map(behind),
            };
            // SAFETY: rows end − 1 down to `first` are those of the panel, each of whole vectors. Behind the last input
            // none goes on; behind another lies a row.
            unsafe { sums.run() }; // (E5)
            let rows = &self.dc_dv[first * stride..][..(end - first) * stride];
            let transposed = Factor {
                start: rows.as_ptr(),
                row_stride: 1,
                column_stride: stride as isize,
            };
            // SAFETY: the rows are (end − first) of `outputs` elements and more; ∂C/∂W has `outputs` rows, to_stride
            // apart, with columns first .. end side by side, and is borrowed mutably.
            unsafe {
                let to = self.dc_dw.as_mut_ptr().add(first);
                pack(transposed, outputs, end - first, to_stride, to);
            }
        }
    }
}

/// Runs `work` for each panel, in halves of halves; with `one_place` all panels' `∂C/∂V` are in the place of the first.
fn for_each_panel<R: Real>(
    mut sums: PanelSums<R>,
    one_place: bool,
    work: &(impl Fn(&mut PanelSums<R>) + Sync),
) {
    let (outputs, inputs) = sums.dc_dw.dim();
    if outputs <= panel_outputs::<R>() {
        return work(&mut sums);
    }
    let middle = (outputs / 2).next_multiple_of(panel_outputs::<R>());
    let (left_w, right_w) = sums.dc_dw.split_at(Axis(0), middle);
    let (left_b, right_b) = sums.dc_db.split_at(Axis(0), middle);
    let (goes_on, right_first) = (sums.goes_on, sums.first + middle);
    let left = |dc_dv| PanelSums {
        first: sums.first,
        dc_dv,
        dc_dw: left_w,
        dc_db: left_b,
        goes_on,
    };
    let right = |dc_dv| PanelSums {
        first: right_first,
        dc_dv,
        dc_dw: right_w,
        dc_db: right_b,
        goes_on,
    };
    if one_place {
        for_each_panel(left(&mut *sums.dc_dv), one_place, work);
        return for_each_panel(right(sums.dc_dv), one_place, work);
    }
    let (left_v, right_v) = sums.dc_dv.split_at_mut(inputs * middle);
    join(
        || for_each_panel(left(left_v), one_place, work),
        || for_each_panel(right(right_v), one_place, work),
    );
}

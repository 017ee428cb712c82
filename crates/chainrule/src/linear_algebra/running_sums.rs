//! The weights of an encoded first layer, added up along the bins of each column, and what rows look up in them.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2, Axis};

use super::input_panels::{InputPanels, panel_outputs, panel_stride};
use super::kernels::factor::{Factor, view_factor};
use super::kernels::packing::pack;
use super::kernels::running::RunningRows;
use super::kernels::sparse::{LookUp, Terms};
use super::sparse_rows::SparseRows;
use crate::Real;
use crate::parallel::{SHARED_PIECE, join};

/// Inputs that are transposed and added up at a time: so many rows of a panel stay in the first cache between the two.
pub(super) const INPUTS_AT_A_TIME: usize = 32;

/// `V (i,o)`.
#[derive(Clone, Debug)]
pub(crate) struct RunningSums<R> {
    panels: InputPanels<R>,
}

impl<R: Real> RunningSums<R> {
    /// Room for the sums of a layer's weights; zeros.
    pub(crate) fn zeros(inputs: usize, outputs: usize) -> Self {
        RunningSums {
            panels: InputPanels::zeros(inputs, outputs),
        }
    }

    /// `V_t ← W_t`, `+ V_{t−1}` where input `t` goes on. `W_t` is column `t` of `W (o,i)`. On a pool's threads, they
    /// share the outputs.     (E1)
    ///
    /// # Panics
    ///
    /// If `W` has another shape.
    #[track_caller]
    pub(crate) fn sum_up(&mut self, w: ArrayView2<R>, goes_on: &[bool]) {
        let (i, o) = (self.panels.inputs(), self.panels.outputs());
        assert_eq!((w.dim(), goes_on.len()), ((o, i), i), "the shape of W");
        sum_up_panels(w, goes_on, self.panels.elements_mut());
    }

    /// `Z ← U V + 1 bᵀ`.     `U (n,i)  V (i,o)  b (o)  Z (n,o)`, row-major     (E3)
    ///
    /// # Panics
    ///
    /// If the shapes do not compose; the message names them.
    #[track_caller]
    pub(crate) fn affine(&self, u: &SparseRows<R>, b: ArrayView1<R>, mut z: ArrayViewMut2<R>) {
        let (n, i, o) = (u.rows(), self.panels.inputs(), self.panels.outputs());
        assert!(
            u.inputs() == i && b.len() == o && z.dim() == (n, o),
            "Z ← U V + 1 bᵀ: U has the shape {:?}, V {:?}, b {}, Z {:?}",
            (n, u.inputs()),
            (i, o),
            b.len(),
            z.dim()
        );
        let b = b.as_slice().expect("b is contiguous");
        let z = z.as_slice_mut().expect("Z is row-major");
        let (indices, factors) = u.slices();
        let terms = Terms {
            per_row: u.terms(),
            indices,
            factors,
        };
        for first in (0..o).step_by(panel_outputs::<R>()) {
            let columns = panel_outputs::<R>().min(o - first);
            let look_up = LookUp {
                n,
                columns,
                terms,
                panel: self.panels.elements()[first * i..].as_ptr(),
                panel_stride: panel_stride::<R>(columns),
                b: b[first..].as_ptr(),
                z: z.as_mut_ptr().wrapping_add(first),
                z_stride: o,
            };
            // SAFETY: the shapes were compared; all of U's indices are below i, and the panel has as many rows. `z` is
            // borrowed mutably, so it overlaps no other.
            unsafe { look_up.run() };
        }
    }
}

/// [`RunningSums::sum_up`] for the outputs of `w`: those of a large one in halves of halves.
fn sum_up_panels<R: Real>(w: ArrayView2<R>, goes_on: &[bool], panels: &mut [R]) {
    let (outputs, inputs) = w.dim();
    let columns = panel_outputs::<R>();
    if outputs > columns && w.len() > SHARED_PIECE {
        let middle = (outputs / 2).next_multiple_of(columns);
        let (upper, lower) = w.split_at(Axis(0), middle);
        let (left, right) = panels.split_at_mut(inputs * middle);
        return join(
            || sum_up_panels(upper, goes_on, left),
            || sum_up_panels(lower, goes_on, right),
        );
    }
    let panels = panels.chunks_mut((inputs * columns).max(1));
    for (w, panel) in w.axis_chunks_iter(Axis(0), columns).zip(panels) {
        sum_up_panel(w, goes_on, panel);
    }
}

/// The same for the outputs of one panel.
fn sum_up_panel<R: Real>(w: ArrayView2<R>, goes_on: &[bool], panel: &mut [R]) {
    let (outputs, inputs) = w.dim();
    let stride = panel_stride::<R>(outputs);
    let w = view_factor(&w).transposed();
    for first in (0..inputs).step_by(INPUTS_AT_A_TIME) {
        let depth = INPUTS_AT_A_TIME.min(inputs - first);
        let rows = &mut panel[first * stride..][..depth * stride];
        // SAFETY: `Wᵀ` has rows first .. first + depth of `outputs` columns; so many rows of `stride` elements were
        // just taken of the panel.
        unsafe {
            let piece = Factor {
                start: w.at(first, 0),
                ..w
            };
            pack(piece, depth, outputs, stride, rows.as_mut_ptr());
        }
        let rows = RunningRows {
            first: rows.as_mut_ptr(),
            step: stride as isize,
            columns: outputs,
            goes_on: goes_on[first..first + depth].iter().copied(),
        };
        // SAFETY: so many rows were taken of the panel, each of whole vectors. Input 0 does not go on; in front of
        // another lies a row.
        unsafe { rows.run() }; // (E1)
    }
}

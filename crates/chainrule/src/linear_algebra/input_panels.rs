//! A row of outputs for each input, `(i,o)`, in panels of outputs: what a sparse row looks up lies side by side, and
//! each panel stays in the second cache while all rows run through it.

use ndarray::Array1;

use super::aligned;
use crate::Real;
use crate::simd::MAX_VECTOR_BYTES;

/// Vectors of a whole panel: as many sums run beside each other in a look-up.
const PANEL_VECTORS: usize = 4;

/// A matrix `(i,o)`; zeros stand behind the last outputs up to a whole vector.
#[derive(Clone, Debug)]
pub(super) struct InputPanels<R> {
    inputs: usize,
    outputs: usize,
    /// Panels of [`panel_outputs`] outputs, the last of what remains, one after the other, each row-major.
    elements: Array1<R>,
}

/// Outputs of a whole panel.
pub(super) const fn panel_outputs<R>() -> usize {
    PANEL_VECTORS * MAX_VECTOR_BYTES / size_of::<R>()
}

/// From one row of a panel of so many outputs to the next.
pub(super) const fn panel_stride<R>(outputs: usize) -> usize {
    outputs.next_multiple_of(MAX_VECTOR_BYTES / size_of::<R>())
}

impl<R: Real> InputPanels<R> {
    pub(super) fn zeros(inputs: usize, outputs: usize) -> Self {
        InputPanels {
            inputs,
            outputs,
            elements: aligned::zeros_1(inputs * panel_stride::<R>(outputs)),
        }
    }

    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// All panels; the one that begins with output `k` begins with element `k i`.
    pub(super) fn elements(&self) -> &[R] {
        self.elements.as_slice().expect("one slice")
    }

    /// The same, to write.
    pub(super) fn elements_mut(&mut self) -> &mut [R] {
        self.elements.as_slice_mut().expect("one slice")
    }
}

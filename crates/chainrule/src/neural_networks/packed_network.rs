//! A network's weights as the passes of a training step read them, packed once for all blocks of rows.

use super::SimpleNeuralNetwork;
use crate::Real;
use crate::linear_algebra::{PackedWeights, TILED_FACTOR};

/// The weights of every layer, forward and back; the out layer's are the last.
#[derive(Debug)]
pub(crate) struct PackedNetwork<R> {
    /// `W`, for `X Wᵀ`.
    forward: Vec<PackedWeights<R>>,
    /// `Wᵀ`, for `G W`; none where that product takes `W` in place, nor of the first layer, whose ∂C/∂X nobody needs.
    backward: Vec<Option<PackedWeights<R>>>,
}

impl<R: Real> PackedNetwork<R> {
    /// Room for the weights of `network`; zeros.
    pub(crate) fn zeros_like(network: &SimpleNeuralNetwork<R>) -> Self {
        let backward = network.affine_maps().enumerate().map(|(l, affine)| {
            let packs = l > 0 && affine.w.len() > TILED_FACTOR;
            packs.then(|| PackedWeights::zeros(affine.outputs(), affine.inputs()))
        });
        PackedNetwork {
            backward: backward.collect(),
            forward: network.room_to_pack(),
        }
    }

    /// Overwrites what a forward pass reads with the present weights.
    pub(crate) fn pack_forward(&mut self, network: &SimpleNeuralNetwork<R>) {
        network.pack(&mut self.forward);
    }

    /// Overwrites what a backward pass reads with the present weights.
    pub(crate) fn pack_backward(&mut self, network: &SimpleNeuralNetwork<R>) {
        for (affine, packed) in network.affine_maps().zip(&mut self.backward) {
            if let Some(packed) = packed {
                packed.pack(affine.w.t());
            }
        }
    }

    /// What a forward pass reads.
    pub(crate) fn forward(&self) -> &[PackedWeights<R>] {
        &self.forward
    }

    /// What a backward pass reads.
    pub(crate) fn backward(&self) -> &[Option<PackedWeights<R>>] {
        &self.backward
    }
}

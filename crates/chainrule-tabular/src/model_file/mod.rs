//! Models and checkpoints on the disk: one safetensors file each, which proves itself when it is loaded.
//!
//! Any safetensors library opens it. The tensors are the weights, `layers.0.w (o,i)`, `layers.0.b (o)`, ..., `out.w`, `out.b`, as
//! F32. The metadata has one key, `chainrule`, with a JSON document:
//!
//! ```text
//! {"format": 2, "kind": "model", "crc32": "…",
//!  "content": {"plan": …, "encoding": …, "target": …, "settings": …, "history": …, "replay": …}}
//! ```
//!
//! `plan` says how a table's columns are read, `encoding` and `target` how they become the network's inputs and its answer.
//! Files of format 1 are read as well.
//!
//! `crc32` covers kind, content and tensors, so that no damage of up to 32 neighbouring bits goes unseen, and other damage
//! passes once in four thousand million. `replay` holds a few rows in raw units with their predictions; every load
//! computes them again. Saving is deterministic: the same model gives the same bytes.

mod container;
mod error;
#[cfg(test)]
mod forged;
mod format_1;
mod network;
mod read;
#[cfg(test)]
mod tests;

use std::path::Path;

use chainrule::neural_networks::{Architecture, Parameter, SimpleNeuralNetwork};
use chainrule::training::{Position, TrainingState};
use serde::{Deserialize, Serialize};

use crate::fitting::{Checkpoint, TableIdentity};
use crate::regressor::Card;
use crate::{Regressor, RegressorSettings, Roles, write_whole};
pub use container::Element;
use container::{Kind, Tensor, Tensors};
pub use error::{ModelFileError, Problem};
pub use network::{
    AnyNetwork, StoredNetwork, load_network, network_from_bytes, network_to_bytes, save_network,
};

/// Writes a model as a whole, or leaves what was there.
///
/// The bytes are decoded and proved once before they are written: what cannot be loaded is not saved.
pub fn save(regressor: &Regressor, path: &Path) -> Result<(), ModelFileError> {
    let bytes = expect_finite(regressor).and_then(|()| {
        let tensors = layer_tensors(&regressor.network);
        container::encode(Kind::Model, &regressor.card, &tensors)
    });
    store(path, bytes, |bytes| model_from_bytes(bytes).map(drop))
}

/// Reads a model and lets it replay the rows that it keeps.
pub fn load(path: &Path) -> Result<Regressor, ModelFileError> {
    open(path, model_from_bytes)
}

/// Writes a checkpoint as a whole, or leaves what was there.
pub fn save_checkpoint(checkpoint: &Checkpoint, path: &Path) -> Result<(), ModelFileError> {
    let bytes = encode_checkpoint(checkpoint);
    store(path, bytes, |bytes| checkpoint_from_bytes(bytes).map(drop))
}

fn encode_checkpoint(checkpoint: &Checkpoint) -> Result<Vec<u8>, Problem> {
    let state = &checkpoint.state;
    let content = CheckpointContent {
        table: checkpoint.identity.clone(),
        roles: checkpoint.roles.clone(),
        rows: checkpoint.rows,
        inputs: checkpoint.inputs,
        settings: checkpoint.settings.clone(),
        position: state.position.clone(),
    };
    let vector = |name: &str, values: &[f32]| Tensor::new(name, vec![values.len()], values);
    let tensors = [
        vector("parameters", &state.parameters),
        vector("best_parameters", &state.best_parameters),
        vector("first_moment", &state.first_moment),
        vector("second_moment", &state.second_moment),
    ];
    container::encode(Kind::Checkpoint, &content, &tensors)
}

/// Reads a checkpoint.
pub fn load_checkpoint(path: &Path) -> Result<Checkpoint, ModelFileError> {
    open(path, checkpoint_from_bytes)
}

const NOT_FINITE: &str = "a weight is not a finite number";

/// A checkpoint's content beside its tensors.
#[derive(Serialize, Deserialize)]
struct CheckpointContent {
    table: TableIdentity,
    roles: Roles,
    rows: (usize, usize),
    inputs: usize,
    settings: RegressorSettings,
    position: Position,
}

fn open<T>(
    path: &Path,
    decode: impl FnOnce(&[u8]) -> Result<T, Problem>,
) -> Result<T, ModelFileError> {
    let bytes = read::model_bytes(path);
    bytes
        .and_then(|bytes| decode(&bytes))
        .map_err(|problem| ModelFileError::new(path, problem))
}

fn store(
    path: &Path,
    bytes: Result<Vec<u8>, Problem>,
    prove: impl FnOnce(&[u8]) -> Result<(), Problem>,
) -> Result<(), ModelFileError> {
    let written = bytes.and_then(|bytes| {
        prove(&bytes).map_err(|problem| Problem::NotSaved(problem.reason()))?;
        write_whole(path, &bytes).map_err(Problem::Unwritable)
    });
    written.map_err(|problem| ModelFileError::new(path, problem))
}

/// JSON has no word for NaN, so that it could not even be said what is wrong once it is in there.
fn expect_finite(regressor: &Regressor) -> Result<(), Problem> {
    let finite = |reason: &str, good: bool| match good {
        true => Ok(()),
        false => Err(Problem::NotSaved(reason.to_owned())),
    };
    let weights = regressor.network.parameters().flatten();
    finite(NOT_FINITE, weights.copied().all(|p| p.is_finite()))?;
    let predictions = &regressor.card.replay.predictions;
    finite(
        "a prediction is not a finite number",
        predictions.iter().all(|p| p.is_finite()),
    )
}

/// The name of a parameter's tensor, in a network of `hidden` hidden layers.
fn tensor_name(parameter: &Parameter, hidden: usize) -> String {
    let letter = parameter.name.to_lowercase();
    format!("{}.{letter}", layer_name(parameter.layer, hidden))
}

/// The name of the tensor with the weights of layer `l`.
fn weights_name(l: usize, hidden: usize) -> String {
    format!("{}.w", layer_name(l, hidden))
}

fn layer_name(l: usize, hidden: usize) -> String {
    match l {
        l if l < hidden => format!("layers.{l}"),
        _ => "out".to_owned(),
    }
}

/// The network of an architecture, each parameter from its tensor.
fn take_network<R: Element>(
    architecture: &Architecture,
    tensors: &mut Tensors<'_>,
) -> Result<SimpleNeuralNetwork<R>, Problem> {
    let hidden = architecture.hidden.len();
    architecture.with_parameters(|parameter| {
        tensors.take(&tensor_name(parameter, hidden), &parameter.shape.to_vec())
    })
}

/// Every parameter of a network as a tensor.
fn layer_tensors<R: Element>(network: &SimpleNeuralNetwork<R>) -> Vec<Tensor<'static>> {
    let hidden = network.hidden().len();
    let tensor = |(parameter, values): (Parameter, &[R])| {
        let name = tensor_name(&parameter, hidden);
        Tensor::new(&name, parameter.shape.to_vec(), values)
    };
    network.named_parameters().map(tensor).collect()
}

/// The model of a model file's bytes, which proves itself as [`load`] lets it.
///
/// # Errors
///
/// If the bytes are damaged or something else.
pub fn model_from_bytes(bytes: &[u8]) -> Result<Regressor, Problem> {
    let (card, mut tensors) =
        container::decode_format(Kind::Model, bytes, |format, content| match format {
            1 => Ok(container::content_of::<format_1::Card>(content)?.into_card()?),
            _ => container::content_of::<Card>(content),
        })?;
    let settings = &card.settings;
    settings.validate().map_err(Problem::damaged)?;
    if !card.is_sound() {
        return Err(Problem::damaged("its encoding does not fit its columns"));
    }
    if let Some(repeated) = card.repeated_name() {
        return Err(Problem::damaged(format!(
            "the column {repeated:?} occurs twice"
        )));
    }
    let network = network_of(settings, card.encoding.inputs(), &mut tensors)?;
    tensors.expect_none_left()?;
    let regressor = Regressor { card, network };
    replay(&regressor)?;
    Ok(regressor)
}

/// The network that the settings describe. No size is believed: a shape counts once a tensor of it is there.
fn network_of(
    settings: &RegressorSettings,
    inputs: usize,
    tensors: &mut Tensors<'_>,
) -> Result<SimpleNeuralNetwork<f32>, Problem> {
    let architecture = settings.architecture(inputs);
    let network: SimpleNeuralNetwork<f32> = take_network(&architecture, tensors)?;
    if !network.parameters().flatten().all(|p| p.is_finite()) {
        return Err(Problem::damaged(NOT_FINITE));
    }
    Ok(network)
}

/// How far a replayed prediction may be from the stored one, relative to the target's scale and to the prediction.
///
/// On the machine that saved the model the two are equal to the last bit. Another instruction set adds products in another
/// order, which changes single-precision sums in their sixth or seventh digit; two more are left for deep networks.
/// Damage is the checksum's to find; this finds a build that computes something else.
const REPLAY_TOLERANCE: f64 = 1e-4;

fn replay(regressor: &Regressor) -> Result<(), Problem> {
    let stored = &regressor.card.replay.predictions;
    if stored.is_empty() {
        return Err(Problem::damaged("it keeps no rows to prove itself with"));
    }
    let found = regressor
        .replayed()
        .filter(|found| found.len() == stored.len());
    let found =
        found.ok_or_else(|| Problem::damaged("the rows that it keeps do not fit its columns"))?;
    let scale = regressor.target_scale().scale().scale();
    for (row, (found, &stored)) in found.into_iter().zip(stored).enumerate() {
        let allowed = REPLAY_TOLERANCE * (scale + stored.abs());
        let is_near = (found - stored).abs() <= allowed; // never, for NaN
        if !is_near {
            return Err(Problem::ReplayDiffers {
                row: row + 1,
                stored,
                found,
            });
        }
    }
    Ok(())
}

/// The checkpoint of a checkpoint file's bytes.
///
/// # Errors
///
/// If the bytes are damaged or something else.
pub fn checkpoint_from_bytes(bytes: &[u8]) -> Result<Checkpoint, Problem> {
    let (content, mut tensors) =
        container::decode_format(Kind::Checkpoint, bytes, |format, content| match format {
            1 => Err(Problem::OldCheckpoint),
            _ => container::content_of::<CheckpointContent>(content),
        })?;
    content.settings.validate().map_err(Problem::damaged)?;
    let mut vector = |name: &str| tensors.take_vector(name);
    let checkpoint = Checkpoint {
        identity: content.table,
        roles: content.roles,
        rows: content.rows,
        inputs: content.inputs,
        settings: content.settings,
        state: TrainingState {
            position: content.position,
            parameters: vector("parameters")?,
            best_parameters: vector("best_parameters")?,
            first_moment: vector("first_moment")?,
            second_moment: vector("second_moment")?,
        },
    };
    tensors.expect_none_left()?;
    checkpoint.expect_sound().map_err(Problem::damaged)?;
    Ok(checkpoint)
}

//! Models and checkpoints on the disk: one safetensors file each, which proves itself when it is loaded.
//!
//! Any safetensors library opens it. The tensors are the weights, `layers.0.w (o,i)`, `layers.0.b (o)`, ..., `out.w`,
//! `out.b`, as F32; of a model of several networks `bags.0.members.0.layers.0.w` and so on. The metadata has one key,
//! `chainrule`, with a JSON document:
//!
//! ```text
//! {"format": 2, "kind": "model", "crc32": "…",
//!  "content": {"plan": …, "unseen": …, "importance": …, "background": …, "replay": …,
//!              "intervals": {"rows": …, "widening": …, "limits": …},
//!              "bags": [{"encoding": …, "target": …, "settings": …, "weight": …, "histories": …}, …]}}
//! ```
//!
//! `plan` says how a table's columns are read, `encoding` and `target` how they become the inputs and the answers of a
//! bag's networks. `importance` says how much the model needs each column, and `background` holds up to a hundred rows
//! that it learnt from, to compare others with. `intervals` counts the rows of the tensors `intervals.predictions` and
//! `intervals.actual`, as F64. Files of models without these have neither. Files of format 1 are read as well.
//!
//! `crc32` covers kind, content and tensors, so that no damage of up to 32 neighbouring bits goes unseen, and other
//! damage passes once in four thousand million. `replay` holds a few rows in raw units with their predictions; every
//! load computes them again. Saving is deterministic: the same model gives the same bytes.

mod container;
mod elsewhere;
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
use chainrule::training::{EpochRecord, Position, TrainingState};
use serde::{Deserialize, Serialize};

use crate::fitting::{Checkpoint, Endings, MemberState, TableIdentity};
use crate::intervals::{IntervalCard, Intervals};
use crate::limits::{MOST_BAGS_OF_A_MODEL, at_most};
use crate::regressor::{Bag, BagCard, Card};
use crate::{Composition, Regressor, RegressorSettings, Roles, write_whole};
pub use container::Element;
use container::{Kind, Tensor, Tensors};
pub(crate) use elsewhere::{
    member_from_bytes, member_to_bytes, workload_from_bytes, workload_to_bytes,
};
pub use error::{ModelFileError, Problem};
pub use network::{
    AnyNetwork, StoredNetwork, load_network, network_from_bytes, network_to_bytes, save_network,
};

/// Writes a model as a whole, or leaves what was there.
///
/// The bytes are decoded and proved once before they are written: what cannot be loaded is not saved.
pub fn save(regressor: &Regressor, path: &Path) -> Result<(), ModelFileError> {
    let bytes = model_to_bytes(regressor);
    store(path, bytes, |bytes| model_from_bytes(bytes).map(drop))
}

/// The bytes of the file that [`save`] writes.
///
/// # Errors
///
/// If a number of the model is not finite.
pub fn model_to_bytes(regressor: &Regressor) -> Result<Vec<u8>, Problem> {
    expect_finite(regressor)?;
    let content = ModelContent::of(regressor);
    container::encode(Kind::Model, &content, &model_tensors(regressor))
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
    let mut tensors = Vec::new();
    let mut vector = |member: usize, name: &str, values: &[f32]| {
        let name = format!("members.{member}.{name}");
        tensors.push(Tensor::new(&name, vec![values.len()], values));
    };
    let mut stages = Vec::new();
    for (nth, member) in checkpoint.members.iter().flatten().enumerate() {
        stages.push(match member {
            MemberState::Waiting => Stage::Waiting,
            MemberState::Training(state) => {
                vector(nth, "parameters", &state.parameters);
                vector(nth, "best_parameters", &state.best_parameters);
                vector(nth, "first_moment", &state.first_moment);
                vector(nth, "second_moment", &state.second_moment);
                Stage::Training(state.position.clone())
            }
            MemberState::Done {
                parameters,
                history,
                stopped_early,
                endings,
            } => {
                vector(nth, "parameters", parameters);
                Stage::Done {
                    history: history.clone(),
                    stopped_early: *stopped_early,
                    endings: *endings,
                }
            }
        });
    }
    let content = CheckpointContent {
        table: checkpoint.identity.clone(),
        roles: checkpoint.roles.clone(),
        rows: checkpoint.rows,
        inputs: checkpoint.inputs.clone(),
        composition: checkpoint.composition.clone(),
        members: stages,
    };
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
    inputs: Vec<usize>,
    composition: Composition,
    /// Of all bags, one after the other.
    members: Vec<Stage>,
}

/// How far a member has come, beside its tensors.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Waiting,
    Training(Position),
    Done {
        history: Vec<EpochRecord>,
        stopped_early: bool,
        #[serde(default)]
        endings: Option<Endings>,
    },
}

/// A model's content beside its tensors.
#[derive(Serialize, Deserialize)]
struct ModelContent {
    #[serde(flatten)]
    card: Card,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intervals: Option<IntervalCard>,
    #[serde(deserialize_with = "at_most::<_, _, MOST_BAGS_OF_A_MODEL>")]
    bags: Vec<BagCard>,
}

impl ModelContent {
    fn of(regressor: &Regressor) -> ModelContent {
        ModelContent {
            card: regressor.card.clone(),
            intervals: regressor.intervals().map(|kept| kept.card.clone()),
            bags: regressor.bags.iter().map(|bag| bag.card.clone()).collect(),
        }
    }
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
    let networks = regressor.bags.iter().flat_map(Bag::networks);
    let weights = networks.flat_map(|network| network.parameters()).flatten();
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

/// What the names of a member's tensors begin with: nothing, for a network that stands alone.
fn prefix(bag: usize, member: usize, alone: bool) -> String {
    match alone {
        true => String::new(),
        false => format!("bags.{bag}.members.{member}."),
    }
}

/// The network of an architecture, each parameter from its tensor.
fn take_network<R: Element>(
    architecture: &Architecture,
    prefix: &str,
    tensors: &mut Tensors<'_>,
) -> Result<SimpleNeuralNetwork<R>, Problem> {
    let hidden = architecture.hidden.len();
    architecture.with_parameters(|parameter| {
        let name = format!("{prefix}{}", tensor_name(parameter, hidden));
        tensors.take(&name, &parameter.shape.to_vec())
    })
}

/// Every parameter of a network as a tensor.
fn layer_tensors<R: Element>(
    network: &SimpleNeuralNetwork<R>,
    prefix: &str,
) -> Vec<Tensor<'static>> {
    let hidden = network.hidden().len();
    let tensor = |(parameter, values): (Parameter, &[R])| {
        let name = format!("{prefix}{}", tensor_name(&parameter, hidden));
        Tensor::new(&name, parameter.shape.to_vec(), values)
    };
    network.named_parameters().map(tensor).collect()
}

/// The names of the tensors that hold the rows of the intervals.
const OF_INTERVALS: [&str; 2] = ["intervals.predictions", "intervals.actual"];

/// Every parameter of a model, and what its intervals are made of, as a tensor.
fn model_tensors(regressor: &Regressor) -> Vec<Tensor<'static>> {
    let alone = regressor.members() == 1;
    let mut tensors = Vec::new();
    for (b, bag) in regressor.bags.iter().enumerate() {
        for (m, network) in bag.networks().enumerate() {
            tensors.extend(layer_tensors(network, &prefix(b, m, alone)));
        }
    }
    if let Some(Intervals {
        predictions,
        actual,
        ..
    }) = regressor.intervals()
    {
        let columns = OF_INTERVALS.into_iter().zip([predictions, actual]);
        tensors.extend(columns.map(|(name, rows)| Tensor::new(name, vec![rows.len()], rows)));
    }
    tensors
}

/// The intervals of a card with their rows.
fn take_intervals(card: IntervalCard, tensors: &mut Tensors<'_>) -> Result<Intervals, Problem> {
    let mut column = |name| tensors.take(name, &[card.rows]);
    let [predictions, actual] = OF_INTERVALS.map(&mut column);
    let intervals = Intervals {
        predictions: predictions?,
        actual: actual?,
        card,
    };
    match intervals.is_sound() {
        true => Ok(intervals),
        false => Err(Problem::damaged("its intervals cannot be computed with")),
    }
}

/// The model of a model file's bytes, which proves itself as [`load`] lets it.
///
/// # Errors
///
/// If the bytes are damaged or something else.
pub fn model_from_bytes(bytes: &[u8]) -> Result<Regressor, Problem> {
    let (content, mut tensors) =
        container::decode_format(Kind::Model, bytes, |format, content| match format {
            1 => Ok(container::content_of::<format_1::OldCard>(content)?.into_content()?),
            _ => container::content_of::<ModelContent>(content),
        })?;
    let ModelContent {
        card,
        intervals,
        bags: cards,
    } = content;
    let members: usize = cards.iter().map(|card| card.histories.len()).sum();
    if members == 0 {
        return Err(Problem::damaged("it has no networks"));
    }
    let mut bags = Vec::with_capacity(cards.len());
    for (b, card) in cards.into_iter().enumerate() {
        card.settings.validate().map_err(Problem::damaged)?;
        if !card.is_sound() {
            return Err(Problem::damaged("its encoding does not fit its columns"));
        }
        let inputs = card.encoding.inputs();
        let network = |m| {
            let prefix = prefix(b, m, members == 1);
            network_of(&card.settings, inputs, &prefix, &mut tensors)
        };
        let networks = (0..card.histories.len())
            .map(network)
            .collect::<Result<_, _>>()?;
        bags.push(Bag::new(card, networks));
    }
    let intervals = intervals.map(|card| take_intervals(card, &mut tensors));
    let intervals = intervals.transpose()?;
    tensors.expect_none_left()?;
    let regressor = Regressor {
        card,
        bags,
        intervals,
    };
    regressor.expect_sound().map_err(Problem::damaged)?;
    replay(&regressor)?;
    Ok(regressor)
}

/// The network that the settings describe. No size is believed: a shape counts once a tensor of it is there.
fn network_of(
    settings: &RegressorSettings,
    inputs: usize,
    prefix: &str,
    tensors: &mut Tensors<'_>,
) -> Result<SimpleNeuralNetwork<f32>, Problem> {
    let architecture = settings.architecture(inputs);
    let network: SimpleNeuralNetwork<f32> = take_network(&architecture, prefix, tensors)?;
    if !network.parameters().flatten().all(|p| p.is_finite()) {
        return Err(Problem::damaged(NOT_FINITE));
    }
    Ok(network)
}

/// How far a replayed prediction may be from the stored one, relative to the target's scale and to the prediction.
///
/// On the machine that saved the model the two are equal to the last bit. Another instruction set adds products in
/// another order, which changes single-precision sums in their sixth or seventh digit; two more are left for deep
/// networks. Damage is the checksum's to find; this finds a build that computes something else.
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
    content.composition.validate().map_err(Problem::damaged)?;
    let mut members = Vec::with_capacity(content.members.len());
    for (nth, stage) in content.members.into_iter().enumerate() {
        let mut vector = |name: &str| tensors.take_vector(&format!("members.{nth}.{name}"));
        members.push(match stage {
            Stage::Waiting => MemberState::Waiting,
            Stage::Training(position) => MemberState::Training(TrainingState {
                position,
                parameters: vector("parameters")?,
                best_parameters: vector("best_parameters")?,
                first_moment: vector("first_moment")?,
                second_moment: vector("second_moment")?,
            }),
            Stage::Done {
                history,
                stopped_early,
                endings,
            } => MemberState::Done {
                parameters: vector("parameters")?,
                history,
                stopped_early,
                endings,
            },
        });
    }
    tensors.expect_none_left()?;
    let of_a_bag = content.composition.members_of_a_bag();
    let checkpoint = Checkpoint {
        identity: content.table,
        roles: content.roles,
        rows: content.rows,
        inputs: content.inputs,
        composition: content.composition,
        members: members
            .chunks(of_a_bag)
            .map(<[MemberState]>::to_vec)
            .collect(),
    };
    checkpoint.expect_sound().map_err(Problem::damaged)?;
    Ok(checkpoint)
}

//! Bytes of a training that travel between machines: what a worker needs, and a member that comes back.
//!
//! Both have the form of the files and prove themselves as these do, but stand in no file.

use std::borrow::Cow;

use chainrule::inputs::EncodedRows;
use chainrule::training::EpochRecord;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::Problem;
use super::container::{self, Kind, Tensor};
use crate::Composition;
use crate::encoding::{Encoding, NetworkRows, TargetScale, reads_encoded};
use crate::fitting::{Endings, MemberState, Returned, Sent, SentBag};

/// A workload's content beside its tensors.
#[derive(Serialize, Deserialize)]
struct WorkloadContent {
    fingerprint: u32,
    rows: usize,
    has_weights: bool,
    composition: Composition,
    bags: Vec<BagContent>,
}

/// What a bag has beside its tensors.
#[derive(Serialize, Deserialize)]
struct BagContent {
    encoding: Encoding,
    target: TargetScale,
}

/// A member's content beside its parameters.
#[derive(Serialize, Deserialize)]
struct MemberContent {
    fingerprint: u32,
    number: usize,
    history: Vec<EpochRecord>,
    stopped_early: bool,
    endings: Option<Endings>,
}

pub(crate) fn workload_to_bytes(sent: &Sent) -> Result<Vec<u8>, Problem> {
    let mut tensors = Vec::new();
    for (b, bag) in sent.bags.iter().enumerate() {
        let name = |part: &str| format!("bags.{b}.{part}");
        match bag.x.as_ref() {
            NetworkRows::Matrix(x) => {
                tensors.push(Tensor::new(&name("x"), x.shape().to_vec(), x));
            }
            NetworkRows::Encoded(x) => {
                let (values, shares, places) = (x.values(), x.shares(), x.places());
                tensors.push(Tensor::new(&name("values"), vec![values.len()], values));
                tensors.push(Tensor::new(&name("shares"), vec![shares.len()], shares));
                tensors.push(Tensor::new(&name("places"), vec![places.len()], places));
            }
        }
        tensors.push(Tensor::new(&name("y"), vec![bag.y.len()], bag.y.iter()));
    }
    if let Some(weights) = &sent.weights {
        tensors.push(Tensor::new(WEIGHTS, vec![weights.len()], weights.iter()));
    }
    let of_bag = |bag: &SentBag| BagContent {
        encoding: bag.encoding.as_ref().clone(),
        target: bag.target.as_ref().clone(),
    };
    let content = WorkloadContent {
        fingerprint: sent.fingerprint,
        rows: sent.bags.first().map_or(0, |bag| bag.y.nrows()),
        has_weights: sent.weights.is_some(),
        composition: sent.composition.as_ref().clone(),
        bags: sent.bags.iter().map(of_bag).collect(),
    };
    container::encode(Kind::Workload, &content, &tensors)
}

const WEIGHTS: &str = "weights";

pub(crate) fn workload_from_bytes(bytes: &[u8]) -> Result<Sent<'static>, Problem> {
    let (content, mut tensors) = container::decode::<WorkloadContent>(Kind::Workload, bytes)?;
    let (composition, rows) = (content.composition, content.rows);
    composition.validate().map_err(Problem::damaged)?;
    let weights = match content.has_weights {
        true => Some(Cow::Owned(tensors.take(WEIGHTS, &[rows])?)),
        false => None,
    };
    let mut bags = Vec::with_capacity(content.bags.len());
    for (b, BagContent { encoding, target }) in content.bags.into_iter().enumerate() {
        let name = |part: &str| format!("bags.{b}.{part}");
        if !target.is_sound() {
            return Err(Problem::damaged(
                "its target's scale cannot be computed with",
            ));
        }
        let layout = encoding.layout();
        let x = match reads_encoded(layout) {
            true => {
                let values = tensors.take_vector(&name("values"))?;
                let shares = tensors.take_vector(&name("shares"))?;
                let places = tensors.take_vector(&name("places"))?;
                let x = EncodedRows::from_parts(layout, rows, values, places, shares);
                x.map(NetworkRows::Encoded)
            }
            false => {
                let shape = (rows, layout.inputs());
                let x = tensors.take(&name("x"), &[shape.0, shape.1])?;
                Array2::from_shape_vec(shape, x)
                    .ok()
                    .map(NetworkRows::Matrix)
            }
        };
        let x = x.ok_or_else(|| Problem::damaged("its rows do not fit its columns"))?;
        let y = tensors.take(&name("y"), &[rows])?;
        let y = Array2::from_shape_vec((rows, 1), y).map_err(Problem::damaged)?;
        bags.push(SentBag {
            encoding: Cow::Owned(encoding),
            target: Cow::Owned(target),
            x: Cow::Owned(x),
            y: Cow::Owned(y),
        });
    }
    tensors.expect_none_left()?;
    Ok(Sent {
        fingerprint: content.fingerprint,
        composition: Cow::Owned(composition),
        weights,
        bags,
    })
}

pub(crate) fn member_to_bytes(returned: &Returned) -> Result<Vec<u8>, Problem> {
    let MemberState::Done {
        parameters,
        history,
        stopped_early,
        endings,
    } = &returned.state
    else {
        return Err(Problem::NotSaved("it is not at its end".to_owned()));
    };
    let content = MemberContent {
        fingerprint: returned.fingerprint,
        number: returned.number,
        history: history.clone(),
        stopped_early: *stopped_early,
        endings: *endings,
    };
    let parameters = Tensor::new(PARAMETERS, vec![parameters.len()], parameters);
    container::encode(Kind::Member, &content, &[parameters])
}

const PARAMETERS: &str = "parameters";

pub(crate) fn member_from_bytes(bytes: &[u8]) -> Result<Returned, Problem> {
    let (content, mut tensors) = container::decode::<MemberContent>(Kind::Member, bytes)?;
    let parameters = tensors.take_vector(PARAMETERS)?;
    tensors.expect_none_left()?;
    Ok(Returned {
        fingerprint: content.fingerprint,
        number: content.number,
        state: MemberState::Done {
            parameters,
            history: content.history,
            stopped_early: content.stopped_early,
            endings: content.endings,
        },
    })
}

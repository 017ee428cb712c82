//! The file's form: named tensors and one JSON document in a safetensors file, under a checksum.
//!
//! What the document and the tensors mean is not known here.

use std::collections::HashMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Problem;

/// The version of the form that this code writes, and the only one that it reads.
pub(super) const FORMAT: u64 = 1;

/// The metadata's key. There is only one, because their order in the file is not fixed and the bytes should be.
const KEY: &str = "chainrule";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Model,
    Checkpoint,
}

/// A named array in single precision.
pub(super) struct Tensor {
    name: String,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    pub(super) fn new<'a>(
        name: &str,
        shape: Vec<usize>,
        values: impl IntoIterator<Item = &'a f32>,
    ) -> Self {
        Tensor {
            name: name.to_owned(),
            shape,
            bytes: values.into_iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }
}

/// The tensors of a file that was read, to be taken out one by one.
pub(super) struct Tensors(HashMap<String, Tensor>);

impl Tensors {
    /// The values of the tensor `name`, which must have the given shape.
    pub(super) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Problem> {
        let tensor = self.0.remove(name);
        let tensor = tensor.ok_or_else(|| Problem::damaged(format!("tensor {name} is missing")))?;
        if tensor.shape != shape {
            let found = &tensor.shape;
            let message = format!("tensor {name} has the shape {found:?} instead of {shape:?}");
            return Err(Problem::damaged(message));
        }
        let value = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
        Ok(tensor.bytes.as_chunks().0.iter().map(value).collect())
    }

    /// The values of the one-dimensional tensor `name`, however many.
    pub(super) fn take_vector(&mut self, name: &str) -> Result<Vec<f32>, Problem> {
        let length = self.0.get(name).map_or(0, |tensor| tensor.bytes.len() / 4);
        self.take(name, &[length])
    }

    pub(super) fn expect_none_left(&self) -> Result<(), Problem> {
        match self.0.keys().min() {
            None => Ok(()),
            Some(name) => Err(Problem::damaged(format!("tensor {name} does not belong"))),
        }
    }
}

/// The document, with its content as the text that the checksum covers.
#[derive(Serialize, Deserialize)]
struct Document<'a> {
    format: u64,
    kind: Kind,
    crc32: String,
    #[serde(borrow)]
    content: &'a RawValue,
}

/// The part of the document that every format has.
#[derive(Deserialize)]
struct Version {
    format: u64,
}

/// The file's bytes. The same arguments give the same bytes.
pub(super) fn encode(
    kind: Kind,
    content: &impl Serialize,
    tensors: &[Tensor],
) -> Result<Vec<u8>, Problem> {
    let not_saved = |error: &dyn std::fmt::Display| Problem::NotSaved(error.to_string());
    let content = serde_json::value::to_raw_value(content).map_err(|e| not_saved(&e))?;
    let document = Document {
        format: FORMAT,
        kind,
        crc32: checksum(kind, &content, tensors),
        content: &content,
    };
    let document = serde_json::to_string(&document).map_err(|e| not_saved(&e))?;
    let views = tensors
        .iter()
        .map(|t| {
            Ok((
                t.name.as_str(),
                TensorView::new(Dtype::F32, t.shape.clone(), &t.bytes)?,
            ))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e: safetensors::SafeTensorError| not_saved(&e))?;
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| not_saved(&e))
}

/// The content and the tensors of a file of the given kind, as they were written.
pub(super) fn decode<T: DeserializeOwned>(
    expected: Kind,
    bytes: &[u8],
) -> Result<(T, Tensors), Problem> {
    let file = SafeTensors::deserialize(bytes).map_err(Problem::damaged)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(Problem::damaged)?;
    let document = header.metadata().as_ref().and_then(|keys| keys.get(KEY));
    let document = document.ok_or_else(|| {
        Problem::NotAModel("it is a safetensors file that another program wrote".to_owned())
    })?;
    let Version { format } = serde_json::from_str(document).map_err(Problem::damaged)?;
    if format > FORMAT {
        return Err(Problem::Newer { format });
    }
    if format < FORMAT {
        return Err(Problem::damaged(format!("there is no format {format}")));
    }
    let document: Document = serde_json::from_str(document).map_err(Problem::damaged)?;

    let mut tensors = Vec::with_capacity(file.len());
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            let message = format!("tensor {name} is {:?} instead of F32", view.dtype());
            return Err(Problem::damaged(message));
        }
        tensors.push(Tensor {
            name: name.to_owned(),
            shape: view.shape().to_vec(),
            bytes: view.data().to_vec(),
        });
    }
    if document.crc32 != checksum(document.kind, document.content, &tensors) {
        return Err(Problem::damaged("its content does not match its checksum"));
    }
    match (document.kind, expected) {
        (Kind::Checkpoint, Kind::Model) => return Err(Problem::IsCheckpoint),
        (Kind::Model, Kind::Checkpoint) => return Err(Problem::IsModel),
        _ => {}
    }
    let content = serde_json::from_str(document.content.get()).map_err(Problem::damaged)?;
    let tensors = tensors
        .into_iter()
        .map(|tensor| (tensor.name.clone(), tensor));
    Ok((content, Tensors(tensors.collect())))
}

/// CRC-32 (the one of gzip and PNG) over all that matters, in an order of its own: the content's text, then by name each
/// tensor's name, shape and bytes.
///
/// It is there against accidents, and for them it is better than a cryptographic hash of the same length would be: a
/// change within 32 neighbouring bits is found for certain. Whoever forges a model can forge any checksum beside it.
fn checksum(kind: Kind, content: &RawValue, tensors: &[Tensor]) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(format!("{kind:?}").as_bytes());
    hasher.update(content.get().as_bytes());
    let mut by_name: Vec<&Tensor> = tensors.iter().collect();
    by_name.sort_by(|a, b| a.name.cmp(&b.name));
    for tensor in by_name {
        hasher.update(format!("{} {:?}", tensor.name, tensor.shape).as_bytes());
        hasher.update(&tensor.bytes);
    }
    format!("{:08x}", hasher.finalize())
}

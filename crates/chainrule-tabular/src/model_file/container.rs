//! The file's form: named tensors and one JSON document in a safetensors file, under a checksum.
//!
//! What the document and the tensors mean is not known here.

use std::borrow::Cow;
use std::collections::HashMap;

use chainrule::Real;
use safetensors::tensor::{Dtype, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Problem;
use crate::limits::MOST_TENSORS;

/// The version of the form that this code writes; it reads all from 1 on.
pub(super) const FORMAT: u64 = 2;

/// The metadata's key. There is only one, because their order in the file is not fixed and the bytes should be.
const KEY: &str = "chainrule";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Model,
    Checkpoint,
    Network,
    Workload,
    Member,
}

/// A number that a tensor can hold.
pub trait Number: Copy {
    /// How safetensors calls it.
    #[doc(hidden)]
    const DTYPE: Dtype;

    #[doc(hidden)]
    fn append_to(self, bytes: &mut Vec<u8>);

    /// The numbers that [`append_to`](Self::append_to) wrote.
    #[doc(hidden)]
    fn all_of(bytes: &[u8]) -> Vec<Self>;
}

/// A number that a network can compute in and a tensor can hold.
pub trait Element: Number + Real {}

macro_rules! number {
    ($scalar:ty, $dtype:expr) => {
        impl Number for $scalar {
            const DTYPE: Dtype = $dtype;

            fn append_to(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }

            fn all_of(bytes: &[u8]) -> Vec<Self> {
                let numbers = bytes.as_chunks().0.iter();
                numbers.map(|bytes| Self::from_le_bytes(*bytes)).collect()
            }
        }
    };
}
number!(f32, Dtype::F32);
number!(f64, Dtype::F64);
number!(u16, Dtype::U16);
impl Element for f32 {}
impl Element for f64 {}

/// A named array.
pub(super) struct Tensor<'a> {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl Tensor<'static> {
    pub(super) fn new<'a, R: Number + 'a>(
        name: &str,
        shape: Vec<usize>,
        values: impl IntoIterator<Item = &'a R>,
    ) -> Self {
        let mut bytes = Vec::with_capacity(shape.iter().product::<usize>() * size_of::<R>());
        values.into_iter().for_each(|v| v.append_to(&mut bytes));
        Tensor {
            name: name.to_owned(),
            dtype: R::DTYPE,
            shape,
            bytes: Cow::Owned(bytes),
        }
    }
}

/// The tensors of a file that was read, to be taken out one by one.
pub(super) struct Tensors<'a>(HashMap<String, Tensor<'a>>);

impl Tensors<'_> {
    /// The values of the tensor `name`, which must have the given shape.
    pub(super) fn take<R: Number>(
        &mut self,
        name: &str,
        shape: &[usize],
    ) -> Result<Vec<R>, Problem> {
        let tensor = self.0.remove(name);
        let tensor = tensor.ok_or_else(|| Problem::damaged(format!("tensor {name} is missing")))?;
        if tensor.shape != shape {
            let found = &tensor.shape;
            let message = format!("tensor {name} has the shape {found:?} instead of {shape:?}");
            return Err(Problem::damaged(message));
        }
        if tensor.dtype != R::DTYPE {
            let message = format!(
                "tensor {name} is {:?} instead of {:?}",
                tensor.dtype,
                R::DTYPE
            );
            return Err(Problem::damaged(message));
        }
        Ok(R::all_of(&tensor.bytes))
    }

    /// The shape of the tensor `name`.
    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.0.get(name).map(|tensor| tensor.shape.as_slice())
    }

    /// The values of the one-dimensional tensor `name`, however many.
    pub(super) fn take_vector<R: Number>(&mut self, name: &str) -> Result<Vec<R>, Problem> {
        let bytes = self.0.get(name).map_or(0, |tensor| tensor.bytes.len());
        self.take(name, &[bytes / size_of::<R>()])
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
    if tensors.len() > MOST_TENSORS {
        let message = format!("it has more than {MOST_TENSORS} tensors");
        return Err(not_saved(&message));
    }
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
                TensorView::new(t.dtype, t.shape.clone(), &t.bytes)?,
            ))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e: safetensors::SafeTensorError| not_saved(&e))?;
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| not_saved(&e))
}

/// The content and the tensors of a file of the given kind, whose content is the same in every format.
pub(super) fn decode<T: DeserializeOwned>(
    expected: Kind,
    bytes: &[u8],
) -> Result<(T, Tensors<'_>), Problem> {
    decode_format(expected, bytes, |_, content| content_of(content))
}

/// What the content of a document says.
pub(super) fn content_of<T: DeserializeOwned>(content: &str) -> Result<T, Problem> {
    serde_json::from_str(content).map_err(Problem::damaged)
}

/// The tensors of a file of the given kind, and what `read` makes of its format and its content.
pub(super) fn decode_format<T>(
    expected: Kind,
    bytes: &[u8],
    read: impl FnOnce(u64, &str) -> Result<T, Problem>,
) -> Result<(T, Tensors<'_>), Problem> {
    let (header, begin) = super::read::header(bytes)?;
    let document = header.metadata().as_ref().and_then(|keys| keys.get(KEY));
    let document = document.ok_or_else(|| {
        Problem::NotAModel("it is a safetensors file that another program wrote".to_owned())
    })?;
    let Version { format } = serde_json::from_str(document).map_err(Problem::damaged)?;
    if format > FORMAT {
        return Err(Problem::Newer { format });
    }
    if format == 0 {
        return Err(Problem::damaged(format!("there is no format {format}")));
    }
    let document: Document = serde_json::from_str(document).map_err(Problem::damaged)?;

    let tensors: Vec<Tensor> = header
        .tensors()
        .into_iter()
        .map(|(name, tensor)| Tensor {
            name,
            dtype: tensor.dtype,
            shape: tensor.shape.clone(),
            // The header was checked to promise what is there.
            bytes: Cow::Borrowed(
                &bytes[begin + tensor.data_offsets.0..begin + tensor.data_offsets.1],
            ),
        })
        .collect();
    if document.crc32 != checksum(document.kind, document.content, &tensors) {
        return Err(Problem::damaged("its content does not match its checksum"));
    }
    match (document.kind, expected) {
        (found, expected) if found == expected => {}
        (Kind::Checkpoint, _) => return Err(Problem::IsCheckpoint),
        (Kind::Model, _) => return Err(Problem::IsModel),
        (Kind::Network, _) => return Err(Problem::IsNetwork),
        (Kind::Workload | Kind::Member, _) => return Err(Problem::IsPartOfTraining),
    }
    let content = read(format, document.content.get())?;
    let tensors = tensors
        .into_iter()
        .map(|tensor| (tensor.name.clone(), tensor));
    Ok((content, Tensors(tensors.collect())))
}

/// CRC-32 (the one of gzip and PNG) over all that matters, in an order of its own: the content's text, then by name
/// each tensor's name, shape and bytes.
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
        if tensor.dtype != Dtype::F32 {
            hasher.update(format!("{:?}", tensor.dtype).as_bytes());
        }
        hasher.update(&tensor.bytes);
    }
    format!("{:08x}", hasher.finalize())
}

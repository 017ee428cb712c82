//! What can be wrong with a model file.

use std::fmt::Display;
use std::io;
use std::path::Path;

use thiserror::Error;

use super::container::FORMAT;
use crate::memory::MemoryError;
use crate::numbers::exact;
use crate::reason;
use crate::shown::printable;

/// A model file or checkpoint that cannot be read or written; the message begins with its path.
#[derive(Debug, Error)]
#[error("{path} {problem}")]
pub struct ModelFileError {
    path: String,
    problem: Problem,
}

impl ModelFileError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        let path = printable(&path.display().to_string());
        ModelFileError { path, problem }
    }

    /// What is wrong with the file.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// What is wrong, as it continues the sentence that begins with the file's path.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what each field is
pub enum Problem {
    /// The path leads nowhere.
    #[error("does not exist: check the name and the folder")]
    NoSuchFile,

    /// The operating system refused to read.
    #[error("cannot be read: {}", reason(.0))]
    Unreadable(io::Error),

    /// A folder, a pipe or a device.
    #[error("cannot be read: it is {kind}, not a file: give the path of the file itself")]
    NotAFile { kind: &'static str },

    /// More than the machine's memory can hold.
    #[error("cannot be loaded: {0}")]
    TooLarge(MemoryError),

    /// The operating system refused to write.
    #[error("cannot be written: {}", reason(.0))]
    Unwritable(io::Error),

    /// The model itself could not be loaded again.
    #[error(
        "was not written, because it could not be loaded again ({0}): train with a smaller learning rate"
    )]
    NotSaved(String),

    /// Some other file.
    #[error("is not a chainrule model: {0}")]
    NotAModel(String),

    /// A file that is cut off or changed.
    #[error("is damaged ({0}): restore it from a copy, or train again")]
    Damaged(String),

    /// A format that did not exist yet.
    #[error(
        "was made by a newer chainrule (format {format}; this one reads formats up to {FORMAT}): upgrade chainrule"
    )]
    Newer { format: u64 },

    /// A checkpoint of a chainrule that encoded its inputs differently.
    #[error(
        "is the checkpoint of an older chainrule: finish the training with that version, or delete it to start anew"
    )]
    OldCheckpoint,

    /// A checkpoint where a model was asked for.
    #[error(
        "is the checkpoint of an unfinished training, not a model: resume the training to get the model"
    )]
    IsCheckpoint,

    /// A model where a checkpoint was asked for.
    #[error("is a model, not the checkpoint of an unfinished training: there is nothing to resume")]
    IsModel,

    /// A network alone where a model or a checkpoint was asked for.
    #[error(
        "is a network alone, without columns: open it with SimpleNeuralNetwork.load in Python, and save it there in \
         float32 with columns=[…] to use it here"
    )]
    IsNetwork,

    /// What machines send each other in a training.
    #[error("is part of a training on several machines, not a file to be opened")]
    IsPartOfTraining,

    /// The same file computes something else here.
    #[error(
        "predicts {} for row {row} of the rows that it keeps, but predicted {} when it was saved: this build \
         of chainrule computes differently; use the version that saved it, or train again",
        exact(*found), exact(*stored)
    )]
    ReplayDiffers { row: usize, stored: f64, found: f64 },
}

impl Problem {
    pub(super) fn damaged(reason: impl Display) -> Self {
        // The reason may quote what stands in the file.
        const LONGEST: usize = 300;
        let reason: String = reason.to_string().chars().take(LONGEST).collect();
        Problem::Damaged(printable(&reason))
    }

    /// The reason without the remedy, which is another one when a model is saved than when it is loaded.
    pub(super) fn reason(self) -> String {
        match self {
            Problem::Damaged(reason) => reason,
            other => format!("it {other}"),
        }
    }
}

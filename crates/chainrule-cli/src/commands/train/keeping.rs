//! Where an unfinished training is kept, and how its user goes on from there.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use chainrule_tabular::shown::shell_word;
use chainrule_tabular::{Destination, Lock, LockError, ModelFileError, reason};

use crate::args::{OnErrorName, TrainArgs};
use crate::failure::{Failure, warn};
use crate::files::with_addition;
use crate::values::{date_words, separator_word};

/// The name of what had none, because its model goes to a device or a pipe.
const USUAL: &str = "model.safetensors";

/// How many names are tried in a folder where others keep trainings too.
const MOST_NAMES: usize = 1000;

/// The places for a training's checkpoint.
pub struct Places {
    /// The model's path as it was given.
    asked: PathBuf,
    /// The model's path behind all links; none if it goes to a device or a pipe.
    model: Option<PathBuf>,
}

/// What has been kept, and the model's path with which `--resume` finds it.
pub struct Kept {
    /// The file.
    pub file: PathBuf,
    /// What `--model` has to be.
    pub model: PathBuf,
}

impl Places {
    /// Of a training whose model goes to `path`.
    pub fn of(path: &Path, destination: &Destination) -> Self {
        Places {
            asked: path.to_path_buf(),
            model: destination.file().map(Path::to_path_buf),
        }
    }

    /// Where checkpoints are written during the training and where `--resume` looks: `FILE.checkpoint`, beside the
    /// model file. There is none for a model that goes to a device or a pipe.
    pub fn checkpoint(&self) -> Option<PathBuf> {
        self.model.as_deref().map(checkpoint_of)
    }

    /// Fails if somebody else trains this model; nobody does so while the lock lives.
    pub fn lock(&self, destination: &Destination) -> Result<Option<Lock>, Failure> {
        let asked = self.asked.display();
        destination.lock().map_err(|error| match error {
            LockError::Held { process } => {
                let process = process.map_or_else(String::new, |number| format!(" (process {number})"));
                Failure::Message(format!(
                    "another training{process} is working on {asked}: wait for its end, or give this one another --model"
                ))
            }
            LockError::Io(error) => Failure::Message(format!(
                "{asked} cannot be written: no lock can be made beside it: {}",
                reason(&error)
            )),
        })
    }

    /// Saves with `save` at the first place that takes it: beside the model, in the current folder, in the one for
    /// temporary files.
    ///
    /// In folders other than the model's a name is taken that is free. Fails with what was said of each place.
    pub fn keep(
        &self,
        named: impl Fn(&Path) -> PathBuf,
        mut save: impl FnMut(&Path) -> Result<(), ModelFileError>,
    ) -> Result<Kept, String> {
        let mut refusals = Vec::new();
        let beside = self.model.as_ref().map(|_| self.asked.clone());
        for model in beside.into_iter().chain(self.elsewhere(&named)) {
            let file = match &self.model {
                Some(target) if model == self.asked => named(target),
                _ => named(&model),
            };
            match save(&file) {
                Ok(()) => return Ok(Kept { file, model }),
                Err(refusal) => refusals.push(refusal.to_string()),
            }
        }
        Err(refusals.join("; "))
    }

    /// Paths of models elsewhere that are free, as is what is `named` after them.
    fn elsewhere(&self, named: impl Fn(&Path) -> PathBuf) -> impl Iterator<Item = PathBuf> {
        let name = self.model.as_deref().and_then(Path::file_name);
        let name = PathBuf::from(name.unwrap_or(USUAL.as_ref()));
        let folder_of = |path: &Path| match path.parent() {
            Some(folder) if folder != Path::new("") => fs::canonicalize(folder).ok(),
            _ => fs::canonicalize(".").ok(),
        };
        let own = self.model.as_deref().and_then(folder_of);
        [PathBuf::new(), std::env::temp_dir()]
            .into_iter()
            .filter(move |folder| own.is_none() || folder_of(&folder.join("file")) != own)
            .filter_map(move |folder| {
                let first = folder.join(&name);
                let others = (2..=MOST_NAMES).map(|n| with_addition(&first, &format!("-{n}")));
                let mut names = std::iter::once(first.clone()).chain(others);
                // The model that is made there later must be nobody's either.
                let is_free = |path: &Path| path.symlink_metadata().is_err();
                names.find(|model| is_free(model) && is_free(&named(model)))
            })
    }
}

/// `FILE.checkpoint`.
pub fn checkpoint_of(model: &Path) -> PathBuf {
    let mut name = OsString::from(model);
    name.push(".checkpoint");
    PathBuf::from(name)
}

/// Removes a checkpoint that is done with. A link that leads to it stays, as it does at writing.
pub fn remove(checkpoint: &Path) {
    let place = Destination::of(checkpoint);
    let file = place
        .as_ref()
        .ok()
        .and_then(Destination::file)
        .unwrap_or(checkpoint);
    match fs::remove_file(file) {
        Err(error) if file.exists() => {
            warn(&format!(
                "{} is no longer needed but cannot be removed: {}",
                checkpoint.display(),
                reason(&error)
            ));
        }
        _ => {}
    }
}

/// The command that continues a training with the given model path: all options of the training are in the checkpoint.
pub fn resume_command(args: &TrainArgs, model: &Path) -> String {
    let table = args.table.display().to_string();
    let table = match table.starts_with('-') && table != "-" {
        true => format!("./{table}"),
        false => table,
    };
    let mut words = vec![
        "chainrule".to_owned(),
        "train".to_owned(),
        shell_word(&table),
    ];
    words.extend(args.target.iter().map(|target| option("--target", target)));
    words.extend(reading_words(args));
    words.push(option("--model", &model.display().to_string()));
    if let Some(every) = args.checkpoint_every {
        words.push(option(
            "--checkpoint-every",
            &every.as_secs_f64().to_string(),
        ));
    }
    words.extend(
        args.report
            .as_ref()
            .map(|file| option("--report", &file.display().to_string())),
    );
    words.push("--resume".to_owned());
    words.join(" ")
}

/// The options that say how the table is read: a checkpoint does not hold them, for they belong to the table.
fn reading_words(args: &TrainArgs) -> Vec<String> {
    let (form, columns) = (&args.form, &args.columns);
    let mut words = Vec::new();
    if let Some(separator) = form.separator {
        let sign = separator_word(separator);
        words.push(option("--separator", &sign));
    }
    words.extend(
        form.decimal
            .map(|sign| option("--decimal", &sign.to_string())),
    );
    if form.no_header {
        words.push("--no-header".to_owned());
    }
    words.extend(form.sheet.as_ref().map(|sheet| option("--sheet", sheet)));
    let dates: Vec<String> = columns.date.iter().map(date_words).collect();
    for (name, values) in [
        ("--missing", &form.missing),
        ("--ignore", &columns.ignore),
        ("--only", &columns.only),
        ("--categorical", &columns.categorical),
        ("--numeric", &columns.numeric),
        ("--date", &dates),
    ] {
        words.extend(values.iter().map(|value| option(name, value)));
    }
    words.extend(
        columns
            .weight
            .as_ref()
            .map(|weight| option("--weight", weight)),
    );
    if columns.on_error == OnErrorName::Skip {
        words.push("--on-error skip".to_owned());
    }
    words
}

/// An option with its value, which must not be taken for an option itself.
fn option(name: &str, value: &str) -> String {
    match value.starts_with('-') {
        true => format!("{name}={}", shell_word(value)),
        false => format!("{name} {}", shell_word(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_looks_like_an_option_is_tied_to_its_own() {
        assert_eq!(option("--target", "price"), "--target price");
        assert_eq!(option("--target", "-y"), "--target=-y");
    }

    #[test]
    fn a_training_that_goes_on_still_writes_its_page() {
        use clap::Parser;
        let words = [
            "chainrule",
            "train",
            "t.csv",
            "--target",
            "y",
            "--report",
            "my page.html",
        ];
        let crate::args::Command::Train(args) =
            crate::args::Cli::try_parse_from(words).unwrap().command
        else {
            panic!("that is a training");
        };
        assert_eq!(
            resume_command(&args, Path::new("m")),
            "chainrule train t.csv --target y --model m --report 'my page.html' --resume"
        );
    }

    #[test]
    fn the_checkpoint_stands_beside_the_model() {
        assert_eq!(
            checkpoint_of(Path::new("a/model.safetensors")),
            Path::new("a/model.safetensors.checkpoint")
        );
    }
}

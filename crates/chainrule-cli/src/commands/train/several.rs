//! Several targets: a training for each, with the other targets left out of its inputs, and a model file of its own.

use std::path::{Path, PathBuf};

use chainrule_tabular::shown::quoted;

use crate::args::TrainArgs;
use crate::failure::Failure;
use crate::files::with_addition;

/// The options of each training, as a person would give them for one target alone.
pub fn trainings(args: &TrainArgs) -> Result<Vec<TrainArgs>, Failure> {
    let targets = &args.target;
    if targets.len() == 1 {
        return Ok(vec![args.clone()]);
    }
    let twice = |(nth, target): &(usize, &String)| targets[..*nth].contains(target);
    if let Some((_, target)) = targets.iter().enumerate().find(twice) {
        return Err(Failure::Usage(format!("--target {target} is given twice")));
    }
    if args.table == Path::new("-") {
        let message = "several targets are learnt one after the other, and standard input can be read once: give a file";
        return Err(Failure::Usage(message.to_owned()));
    }
    if args.save_config.is_some() {
        let message = "--save-config writes the settings of one model: give one --target";
        return Err(Failure::Usage(message.to_owned()));
    }
    let training = |target: &String| {
        let mut one = args.clone();
        one.target = vec![target.clone()];
        one.model = named_after(&args.model, target);
        one.report = args.report.as_deref().map(|file| named_after(file, target));
        let others = targets.iter().filter(|other| *other != target);
        one.columns.ignore.extend(others.cloned());
        one
    };
    Ok(targets.iter().map(training).collect())
}

/// `model.safetensors` of one target: `model-price.safetensors`.
fn named_after(file: &Path, target: &str) -> PathBuf {
    let is_of_paths = |sign: char| sign.is_control() || "/\\:*?\"<>|".contains(sign);
    let target = target.trim().replace(is_of_paths, "_");
    with_addition(file, &format!("-{target}"))
}

/// The failure, which says which targets have not had their turn.
pub fn with_those_that_wait<'a>(
    failure: Failure,
    targets: impl Iterator<Item = &'a str>,
) -> Failure {
    let targets: Vec<String> = targets.map(quoted).collect();
    if targets.is_empty() {
        return failure;
    }
    let targets = targets.join(", ");
    match failure {
        Failure::Message(message) => Failure::Message(format!("{message}\nNot trained: {targets}")),
        Failure::Interrupted { message, exit_code } => Failure::Interrupted {
            message: format!(
                "{message}\nNot trained yet: {targets}. The command that you gave, with --resume, goes on to them"
            ),
            exit_code,
        },
        failure => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_named_after_its_target() {
        for (file, target, named) in [
            ("a/m.safetensors", "price", "a/m-price.safetensors"),
            ("m", "CO(GT)", "m-CO(GT)"),
            ("m.st", " km/h ", "m-km_h.st"),
        ] {
            assert_eq!(named_after(Path::new(file), target), Path::new(named));
        }
    }
}

//! What was probably meant by a command, an option or a name that there is not: other programs have other words.

use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Commands of other programs, and what they are called here.
const COMMANDS: [(&[&str], &str); 6] = [
    (&["fit", "learn", "regress", "build"], "train"),
    (&["apply", "infer", "run", "forecast"], "predict"),
    (&["test", "score", "eval", "validate"], "evaluate"),
    (&["info", "show", "print", "summary"], "describe"),
    (&["profile", "look", "head", "stats"], "inspect"),
    (&["gradcheck", "verify"], "check"),
];

/// Options of other programs, and what they are called here.
const OPTIONS: [(&[&str], &str); 10] = [
    (
        &[
            "-t",
            "-y",
            "--y",
            "--label",
            "--labels",
            "--response",
            "--outcome",
        ],
        "target",
    ),
    (
        &["--drop", "--exclude", "--skip", "--without", "--leave-out"],
        "ignore",
    ),
    (
        &["--features", "--inputs", "--columns", "--x", "--use"],
        "only",
    ),
    (&["-s", "--sep", "--delimiter", "-d"], "separator"),
    (&["-m", "--save", "--save-model"], "model"),
    (&["-o", "--out"], "output"),
    (&["-e", "--iterations", "--max-iter"], "epochs"),
    (&["--lr", "--eta", "--rate"], "learning-rate"),
    (&["--layers", "--units", "--neurons"], "hidden"),
    (&["--weights", "--sample-weight"], "weight"),
];

/// Losses by other names.
pub const LOSSES: [(&[&str], &str); 4] = [
    (&["rmse", "squared", "ols"], "mse"),
    (&["mean_abs_error", "absolute", "lad"], "mae"),
    (
        &["smooth_l1", "huber_loss", "pseudo_huber", "robust"],
        "huber",
    ),
    (&["median"], "pinball(0.5)"),
];

/// Activation functions by other names.
pub const ACTIVATIONS: [(&[&str], &str); 3] = [
    (&["logit", "expit"], "sigmoid"),
    (&["none", "id"], "identity"),
    (&["lrelu", "prelu"], "leaky_relu"),
];

/// `; did you mean NAME?` where a name is known elsewhere, and nothing where it is not.
pub fn did_you_mean(text: &str, names: &[(&[&str], &str)]) -> String {
    let word = text.trim().to_lowercase().replace(['-', ' '], "_");
    named(&word, names).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

fn named<'a>(word: &str, names: &[(&[&str], &'a str)]) -> Option<&'a str> {
    let (_, name) = names.iter().find(|(others, _)| others.contains(&word))?;
    Some(name)
}

/// The error with a tip that leads on, in the place of one that does not.
pub fn with_a_tip_that_helps(mut error: clap::Error) -> clap::Error {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let tips = match error.kind() {
        ErrorKind::InvalidSubcommand if error.get(ContextKind::SuggestedSubcommand).is_none() => {
            let word = said(ContextKind::InvalidSubcommand);
            word.map(|word| vec![about_command(&word)])
        }
        ErrorKind::UnknownArgument => said(ContextKind::InvalidArg)
            .filter(|word| word.starts_with('-'))
            .map(|word| about_option(&word)),
        _ => None,
    };
    let Some(tips) = tips else {
        return error;
    };
    // `-- -y`, which clap advises, makes a file of what was meant as an option's value.
    error.remove(ContextKind::Suggested);
    if !tips.is_empty() {
        let tips = tips.into_iter().map(StyledStr::from).collect();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

fn about_command(word: &str) -> String {
    if let Some(name) = named(word, &COMMANDS) {
        return format!("the command for it is '{name}': chainrule {name} --help");
    }
    if Path::new(word).exists() {
        return format!("to learn from a table, write chainrule train {word} --target COLUMN");
    }
    "the commands are demo, inspect, train, predict, evaluate, describe, check, explain and report"
        .to_owned()
}

fn about_option(word: &str) -> Vec<String> {
    let other = named(word, &OPTIONS)
        .map(|name| format!("the option for it is --{name}, in the commands that have it"));
    let value = (!word.starts_with("--")).then(|| {
        format!("to pass '{word}' as an option's value, write --OPTION={word}; as a file, ./{word}")
    });
    other.into_iter().chain(value).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn every_tip_names_what_there_is() {
        let command = Cli::command();
        for (others, name) in COMMANDS {
            assert!(command.find_subcommand(name).is_some(), "{name}");
            for other in others {
                assert!(
                    command.find_subcommand(other).is_none(),
                    "{other} is a command"
                );
            }
        }
        let has = |name: &str| {
            let mut options = command
                .get_subcommands()
                .flat_map(|command| command.get_arguments());
            options.any(|option| option.get_long() == Some(name))
        };
        for (others, name) in OPTIONS {
            assert!(has(name), "--{name}");
            for other in others.iter().filter_map(|other| other.strip_prefix("--")) {
                assert!(!has(other), "--{other} is an option");
            }
        }
        for (_, name) in LOSSES {
            assert!(
                name.parse::<chainrule::loss_functions::Loss>().is_ok(),
                "{name}"
            );
        }
        for (_, name) in ACTIVATIONS {
            assert!(
                name.parse::<chainrule::activation_functions::Activation>()
                    .is_ok(),
                "{name}"
            );
        }
    }
}

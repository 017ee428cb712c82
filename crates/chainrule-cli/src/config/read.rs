//! From a file's text to settings that have a meaning, or to one sentence that names the line and the key.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use chainrule_tabular::{Composition, RegressorSettings, reason};
use serde_ignored::Path as Keys;
use toml::de::{DeTable, DeValue, Error};

use super::Config;
use crate::failure::Failure;

/// Bytes of the longest file: a hundred bags take some fifty thousand.
const LONGEST: u64 = 1_000_000;

/// Reads a file and refuses what it should not hold.
pub fn config(path: &Path) -> Result<Config, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::Message(format!(
            "{} cannot be read: {}",
            path.display(),
            reason(&error)
        ))
    };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let refused = |message: String| Failure::Message(format!("{}{message}", path.display()));
    if text.len() as u64 > LONGEST {
        return Err(refused(format!(
            " is longer than {LONGEST} bytes: it holds no settings"
        )));
    }
    parse(&text).map_err(refused)
}

/// The settings of a text. An error begins with the place: `, line 3: `.
fn parse(text: &str) -> Result<Config, String> {
    let syntax = |error: Error| at(text, error.span(), error.message());
    let document = DeTable::parse(text).map_err(syntax)?;
    let deserializer = toml::Deserializer::parse(text).map_err(syntax)?;
    let mut unknown = None;
    let config: Result<Config, Error> = serde_ignored::deserialize(deserializer, |keys| {
        unknown.get_or_insert_with(|| names(&keys));
    });
    // What is missing is often there under a wrong name, which tells more.
    if let Some(names) = unknown {
        let line = key(document.get_ref(), &names);
        let message = format!("there is no setting {}", dotted(&names));
        return Err(at(text, line, &message));
    }
    let config = config.map_err(|error| {
        let span = error.span();
        let names = span
            .as_ref()
            .and_then(|span| setting(document.get_ref(), span));
        let message = match names {
            Some(names) => format!("{}: {}", dotted(&names), error.message()),
            None => error.message().to_owned(),
        };
        at(text, span, &message)
    })?;
    for (i, bag) in config.bags.iter().enumerate() {
        if let Err(message) = meaning(bag) {
            let names = ["bags".to_owned(), i.to_string()];
            let line = key(document.get_ref(), &names);
            return Err(at(text, line, &format!("{}: {message}", dotted(&names))));
        }
    }
    let composition = Composition {
        folds: config.folds,
        refits: config.refits,
        refit_length: config.refit_length,
        bags: config.bags,
    };
    let composition = match composition.validate() {
        Ok(()) => composition,
        Err(error) => return Err(format!(": {error}")),
    };
    Ok(Config {
        bags: composition.bags,
        ..config
    })
}

/// Refuses settings of a bag that no training should begin with.
fn meaning(bag: &RegressorSettings) -> Result<(), String> {
    let training = &bag.training;
    if training.epochs == 0 {
        return Err("0 epochs train nothing: there must be at least 1".to_owned());
    }
    if training.member != 0 {
        let member = training.member;
        return Err(format!(
            "member is {member}: the training numbers its networks itself"
        ));
    }
    bag.validate().map_err(|error| error.to_string())?;
    training.validate_new().map_err(|error| error.to_string())
}

/// A message with its place in front.
fn at(text: &str, span: Option<Range<usize>>, message: &str) -> String {
    let message = message.trim_end().replace('\n', ", ");
    let Some(span) = span else {
        return format!(": {message}");
    };
    let before = &text.as_bytes()[..span.start.min(text.len())];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    format!(", line {line}: {message}")
}

/// The keys and numbers that lead to a setting; an option and its value are at the same place.
fn names(keys: &Keys) -> Vec<String> {
    let (parent, name) = match keys {
        Keys::Root => return vec![],
        Keys::Map { parent, key } => (parent, Some(key.clone())),
        Keys::Seq { parent, index } => (parent, Some(index.to_string())),
        Keys::Some { parent }
        | Keys::NewtypeStruct { parent }
        | Keys::NewtypeVariant { parent } => (parent, None),
    };
    let mut names = names(parent);
    names.extend(name);
    names
}

/// `bags[2].training.epochs`: lists are counted from 1, as people do.
fn dotted(names: &[String]) -> String {
    let mut shown = String::new();
    for name in names {
        match name.parse::<usize>() {
            Ok(place) => shown += &format!("[{}]", place + 1),
            Err(_) if shown.is_empty() => shown += name,
            Err(_) => shown += &format!(".{name}"),
        }
    }
    shown
}

/// Where a setting's key stands, or an item of a list.
fn key(table: &DeTable, names: &[String]) -> Option<Range<usize>> {
    let [name, rest @ ..] = names else {
        return None;
    };
    let (found, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    match (rest, value.get_ref()) {
        ([], _) => Some(found.span()),
        (rest, DeValue::Table(table)) => key(table, rest),
        ([place, rest @ ..], DeValue::Array(list)) => {
            let item = list.get(place.parse::<usize>().ok()?)?;
            match item.get_ref() {
                DeValue::Table(table) if !rest.is_empty() => key(table, rest),
                _ => Some(item.span()),
            }
        }
        _ => None,
    }
}

/// The names that lead to the innermost setting whose value or whose key stands there.
fn setting(table: &DeTable, place: &Range<usize>) -> Option<Vec<String>> {
    let holds = |span: Range<usize>| span.start <= place.start && place.start < span.end;
    table.iter().find_map(|(key, value)| {
        let inner = inside(value.get_ref(), place);
        let is_here = holds(key.span()) || holds(value.span());
        let inner = inner.or_else(|| is_here.then(Vec::new))?;
        Some([vec![key.get_ref().to_string()], inner].concat())
    })
}

fn inside(value: &DeValue, place: &Range<usize>) -> Option<Vec<String>> {
    match value {
        DeValue::Table(table) => setting(table, place),
        DeValue::Array(list) => list.iter().enumerate().find_map(|(i, item)| {
            let span = item.span();
            let is_here = span.start <= place.start && place.start < span.end;
            let inner = inside(item.get_ref(), place);
            let inner = inner.or_else(|| is_here.then(Vec::new))?;
            Some([vec![i.to_string()], inner].concat())
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chainrule::optimizers::Optimizer;

    use super::*;

    fn text() -> String {
        let config = Config {
            folds: 3,
            refits: 1,
            refit_length: 2,
            table: super::super::Table::default(),
            columns: super::super::Columns::default(),
            bags: vec![RegressorSettings::default(); 2],
        };
        toml::to_string(&config).unwrap()
    }

    /// The message when something stands in place of its last occurrence, in the second bag.
    fn refused(what: &str, instead: &str) -> String {
        let text = text();
        let place = text
            .rfind(what)
            .unwrap_or_else(|| panic!("{what} in {text}"));
        let (before, after) = (&text[..place], &text[place + what.len()..]);
        parse(&format!("{before}{instead}{after}")).unwrap_err()
    }

    #[test]
    fn a_file_without_fault_is_read_as_it_was_written() {
        let config = parse(&text()).unwrap();
        assert_eq!((config.folds, config.bags.len()), (3, 2));
        assert_eq!(toml::to_string(&config).unwrap(), text());
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_even_where_another_is_missing_for_it() {
        let line = 1 + text()[..text().rfind("epochs").unwrap()]
            .matches('\n')
            .count();
        let expected = format!(", line {line}: there is no setting bags[2].training.epoch");
        assert_eq!(refused("epochs = 200", "epoch = 200"), expected);
        assert_eq!(
            refused("epochs = 200", "epochs = 200\nepoch = 3"),
            expected.replace(&line.to_string(), &(line + 1).to_string())
        );
        let message = refused("beta1", "beta_1");
        let expected = "bags[2].training.optimizer.adam.beta_1: unexpected keys in table";
        assert!(message.contains(expected), "{message}");
        assert_eq!(
            refused("folds = 3", "fold = 3"),
            ", line 1: there is no setting fold"
        );
    }

    #[test]
    fn a_wrong_type_is_named_with_its_key_and_line() {
        let message = refused("epochs = 200", "epochs = \"many\"");
        assert!(
            message.contains("bags[2].training.epochs: invalid type: string \"many\""),
            "{message}"
        );
        assert!(message.starts_with(", line "), "{message}");
        let message = refused("activation = \"relu\"", "activation = \"relo\"");
        assert!(
            message.contains("bags[2].activation: unknown variant `relo`"),
            "{message}"
        );
        let message = refused("epochs = 200\n", "");
        assert!(
            message.contains("bags[2].training: missing field `epochs`"),
            "{message}"
        );
        let message = refused("epochs = 200", "epochs = -1");
        assert!(message.contains("bags[2].training.epochs: "), "{message}");
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_bag() {
        let message = refused("learning_rate = 0.001", "learning_rate = 0.0");
        assert!(
            message.contains(": bags[2]: the learning rate is 0"),
            "{message}"
        );
        assert!(message.starts_with(", line "), "{message}");
        let mut two_decays = RegressorSettings::default();
        two_decays.training.optimizer = Optimizer::ADAM_W;
        two_decays.training.l2_penalty = 0.1;
        assert!(meaning(&two_decays).is_err());
        let message = refused("folds = 3", "folds = 1");
        assert!(
            message.starts_with(": 1 folds: rows are cut into 2 to 100"),
            "{message}"
        );
    }

    #[test]
    fn what_is_no_toml_is_refused_with_its_line() {
        let message = refused("epochs = 200", "epochs = = 200");
        assert!(
            message.starts_with(", line ") && !message.contains('\n'),
            "{message}"
        );
        assert!(refused("epochs = 200", "epochs = 200\nepochs = 3").contains("duplicate key"));
    }
}

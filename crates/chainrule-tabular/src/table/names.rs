//! Names of columns: cleaned of what cannot be seen, and told apart.

use std::collections::HashMap;

#[cfg(not(target_family = "wasm"))]
use unicode_normalization::UnicodeNormalization;

use super::error::{TableError, list_of_names};
use super::nearest::nearest_name;

/// A name without surrounding white space and invisible marks, in Unicode's composed form (NFC).
///
/// For a browser, which composes texts itself, it stays as it is written: the tables of letters would be a tenth of a
/// page.
pub fn clean_name(name: &str) -> String {
    let seen = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
    #[cfg(not(target_family = "wasm"))]
    let seen = seen.nfc();
    #[cfg(target_family = "wasm")]
    let seen = seen.chars();
    seen.collect()
}

/// Names for all columns: those without one get c and their position, those that repeat get a number. The notes say so.
pub(super) fn distinct_names(names: &[String]) -> (Vec<String>, Vec<String>) {
    let mut notes = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (position, name) in names.iter().enumerate() {
        seen.entry(name.clone()).or_insert(position + 1);
    }
    let mut distinct: Vec<String> = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        let own = position + 1;
        let mut wanted = name.clone();
        if name.is_empty() {
            wanted = format!("c{own}");
        }
        if name.is_empty() && !seen.contains_key(&wanted) || !name.is_empty() && seen[name] == own {
            seen.entry(wanted.clone()).or_insert(own);
            distinct.push(wanted);
            continue;
        }
        let free = (2..)
            .map(|i| format!("{wanted} ({i})"))
            .find(|candidate| !seen.contains_key(candidate));
        let free = free.expect("there are more numbers than columns");
        if !name.is_empty() {
            notes.push(format!(
                "columns {} and {own} are both named {name:?}: the second is called {free:?}",
                seen[name]
            ));
        }
        seen.insert(free.clone(), own);
        distinct.push(free);
    }
    (distinct, notes)
}

/// The error about a name that no column has, with the nearest one.
pub(super) fn missing_column(table: &str, name: &str, columns: &[String]) -> TableError {
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    let are_columns = parts.len() > 1
        && parts
            .iter()
            .all(|part| columns.iter().any(|column| column == part));
    let suggestion = if are_columns {
        " (several columns? Give the option once for each of them; a model predicts one)".to_owned()
    } else {
        nearest_name(name, columns)
            .map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"))
    };
    TableError::MissingColumn {
        table: table.to_owned(),
        column: name.to_owned(),
        suggestion,
        columns: list_of_names(columns),
    }
}

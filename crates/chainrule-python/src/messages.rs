//! Messages of the tabular library as Python says them: rows from 0 where there are no lines, parameters where the
//! command has options.

use std::fmt::Display;

use chainrule_tabular::TableError;
use chainrule_tabular::table::Problem;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;

/// What the command's options are in Python, longest first.
const OPTIONS: [(&str, &str); 13] = [
    (
        "use fewer columns (--only, --ignore) or fewer rows",
        "use fewer columns or fewer rows",
    ),
    (
        "use fewer columns (--only, --ignore), or add rows",
        "use fewer columns, or add rows",
    ),
    (
        "leave out columns that say little (--ignore), or use a straight line (--hidden none)",
        "leave out columns that say little, or use a straight line",
    ),
    (
        "try other settings, such as --hidden 16, --l2 0.01 or more --epochs, or use a straight line",
        "try recipe=\"strong\", or use a straight line",
    ),
    (
        "with more --epochs the model may become better",
        "try recipe=\"strong\"",
    ),
    (
        "name one with --categorical or --numeric to use it all the same",
        "convert one to pandas' category, or to text, to use it all the same",
    ),
    (
        "--ignore it if it is only their number",
        "drop it if it is only their number",
    ),
    (
        "--loss gamma_deviance predicts positive values only",
        "loss=\"gamma_deviance\" predicts positive values only",
    ),
    (
        "--loss poisson_deviance predicts positive values only",
        "loss=\"poisson_deviance\" predicts positive values only",
    ),
    (
        "--loss huber or mae is swayed less",
        "loss=\"huber\" or \"mae\" is swayed less",
    ),
    (" (a decimal comma? Try --decimal ,)", " (a decimal comma?)"),
    ("; --on-error skip leaves such rows out", ""),
    (
        "--categorical if the column",
        "convert it to pandas' category if the column",
    ),
];

/// A sentence for people who have no command line before them.
pub fn in_python(message: &str) -> String {
    let mut message = message.to_owned();
    for (option, words) in OPTIONS {
        if message.contains(option) {
            message = message.replace(option, words);
        }
    }
    if let Some((before, rest)) = message.split_once("--missing ")
        && let Some((value, after)) = rest.split_once(" if it")
    {
        message = format!("{before}replace {value} by NaN if it{after}");
    }
    // What has no counterpart here is still an option of the command.
    for (before, after) in [(" --", " the command's --"), ("(--", "(the command's --")] {
        message = message.replace(before, after);
    }
    message
}

/// The same for rows in memory, which are counted from 0: `, line 4` is `, row 3`.
pub fn in_rows(message: &str) -> String {
    let mut parts = message.split(LINE);
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        match part[..part.len() - rest.len()].parse::<u64>() {
            Ok(line) => told.push_str(&format!(", row {}{rest}", line.saturating_sub(1))),
            Err(_) => told.extend([LINE, part]),
        }
    }
    in_python(&told)
}

/// How messages of the library name the line of a row.
const LINE: &str = ", line ";

/// A table in memory that cannot be used.
pub fn of_frame(error: &impl Display) -> PyErr {
    PyValueError::new_err(in_rows(&error.to_string()))
}

/// A file that cannot be used.
pub fn of_file(error: TableError) -> PyErr {
    let message = in_python(&error.to_string());
    match error {
        TableError::NoSuchFile { .. } => PyFileNotFoundError::new_err(message),
        TableError::Io { .. } => PyOSError::new_err(message),
        _ => PyValueError::new_err(message),
    }
}

/// Cells of a table that were taken as missing, in words.
pub fn of_problem(table: &str, problem: &Problem, are_in_memory: bool) -> String {
    let message = format!("{table}, {problem}");
    match are_in_memory {
        true => in_rows(&message),
        false => in_python(&message),
    }
}

//! Reads a whole table from any format and decides what its columns are.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::column::{Column, Values};
use super::error::TableError;
use super::findings::Findings;
use super::formats::{open_reader, open_source};
use super::gather::{Gatherer, MissingWords};
use super::kinds::{Customs, Decided, Look, Wanted, decide};
use super::names::{clean_name, distinct_names, missing_column};
use super::options::{OnError, ReadOptions};
use super::plan::{ColumnPlan, Form, LeftOut, TimeOrder};
use super::problems::{Fault, Problem};
use super::source::{Block, Source};
use super::typed::{RowLines, TypedTable};

impl TypedTable {
    /// Reads a table from a file of any format; the path `-` stands for standard input.
    ///
    /// What the columns are is decided from all of their cells; the [findings](Findings) say what a person should know.
    pub fn read(path: &Path, options: &ReadOptions) -> Result<(TypedTable, Findings), TableError> {
        let (source, name) = open_source(path, options)?;
        read_source(source, name, options)
    }

    /// Reads a table from bytes of any format; `source` names it in messages.
    ///
    /// ```
    /// use chainrule_tabular::table::{Kind, ReadOptions, TypedTable};
    ///
    /// let text = "area;rooms;garden\n52,5;2;yes\n80,25;4;no\n61,0;;no\n";
    /// let (table, findings) = TypedTable::from_reader(text.as_bytes(), "houses.csv", &ReadOptions::default())?;
    /// assert_eq!(findings.separator.as_deref(), Some("semicolon"));
    /// assert_eq!(table.column("area").unwrap().numbers().unwrap()[1], 80.25);
    /// assert!(table.column("rooms").unwrap().is_missing(2));
    /// assert_eq!(table.column("garden").unwrap().kind(), Kind::Boolean);
    /// # Ok::<(), chainrule_tabular::TableError>(())
    /// ```
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        source: &str,
        options: &ReadOptions,
    ) -> Result<(TypedTable, Findings), TableError> {
        let opened = open_reader(Box::new(reader), source, options)?;
        read_source(opened, source.to_owned(), options)
    }

    /// Reads a table from rows that are in memory; `name` is what messages call it.
    pub fn from_source(
        source: Box<dyn Source>,
        name: &str,
        options: &ReadOptions,
    ) -> Result<(TypedTable, Findings), TableError> {
        read_source(source, name.to_owned(), options)
    }
}

/// One column while it is read.
struct Reading {
    name: String,
    unnamed: bool,
    wanted: Wanted,
    /// None where the user leaves the column out.
    gatherer: Option<Gatherer>,
}

fn read_source(
    mut source: Box<dyn Source>,
    table: String,
    options: &ReadOptions,
) -> Result<(TypedTable, Findings), TableError> {
    let (names, mut notes) = distinct_names(source.names());
    let options = resolved(options, &names, &table)?;
    let mut columns = readings(&names, source.names(), &options);

    let mut lines = RowLines::default();
    let mut problems = Vec::new();
    let mut bad_rows: Vec<u32> = Vec::new();
    let mut block = Block::default();
    while source.next_block(&mut block)? {
        let first_row = lines.rows();
        if first_row + block.rows() > u32::MAX as usize {
            return Err(TableError::Format {
                table,
                format: "a table",
                reason: format!("it has more than {} rows", u32::MAX),
            });
        }
        for ragged in block.ragged() {
            bad_rows.push((first_row + ragged.row) as u32);
            note_ragged(
                &mut problems,
                block.line(ragged.row),
                ragged.values,
                names.len(),
                ragged.hint,
            );
        }
        (0..block.rows()).for_each(|row| lines.push(block.line(row)));
        for (place, column) in columns.iter_mut().enumerate() {
            let Some(gatherer) = &mut column.gatherer else {
                continue;
            };
            for row in 0..block.rows() {
                gatherer.push(block.cell(row, place));
            }
            gatherer.settle_if_clear(options.decimal, column.wanted == Wanted::Categories);
        }
    }
    if lines.rows() == 0 {
        return Err(TableError::NoRows { table });
    }
    let mut findings = source.findings();
    drop((source, block));

    let (decided, looked) = decide_all(columns, &findings, &options, lines.rows());
    notes.extend(looked);
    let mut typed = Vec::with_capacity(decided.len());
    for (name, decided) in decided {
        for fault in &decided.faults {
            add_problem(
                &mut problems,
                Problem {
                    fault: fault.fault,
                    line: lines.line(fault.row),
                    column: Some(name.clone()),
                    value: fault.text.clone(),
                    hint: match is_name_again(&fault.text, &name) {
                        true => NAMES_AGAIN.to_owned(),
                        false => fault.hint.clone(),
                    },
                    count: fault.cells,
                },
            );
        }
        bad_rows.extend(&decided.faulty_rows);
        notes.extend(decided.note.map(|note| format!("column {name:?}: {note}")));
        typed.push(Column::new(
            ColumnPlan {
                name,
                form: decided.form,
            },
            decided.values,
        ));
    }
    let mut read = TypedTable::new(table.clone(), typed, lines);
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.line);
        if options.on_error == OnError::Stop {
            return Err(TableError::Problems { table, problems });
        }
        bad_rows.sort_unstable();
        bad_rows.dedup();
        let kept: Vec<u32> = (0..read.rows() as u32)
            .filter(|row| bad_rows.binary_search(row).is_err())
            .collect();
        if kept.is_empty() {
            return Err(TableError::Problems { table, problems });
        }
        notes.extend(
            problems
                .iter()
                .map(|problem| format!("left out: {problem}")),
        );
        findings.skipped_rows = bad_rows.len();
        read = read.select(&kept);
    }
    findings.rows = read.rows();
    findings.notes.extend(notes);
    Ok((read, findings))
}

/// The options with all names as the table has them; a name that it does not have is an error.
fn resolved(
    options: &ReadOptions,
    names: &[String],
    table: &str,
) -> Result<ReadOptions, TableError> {
    let find = |name: &String| {
        let clean = clean_name(name);
        if names.contains(&clean) {
            return Ok(clean);
        }
        // In a table without a header the fourth column is called c4.
        let by_number = format!("c{clean}");
        let place: Option<usize> = clean.parse().ok();
        let there = place.and_then(|place| names.get(place.checked_sub(1)?));
        match there {
            Some(name) if *name == by_number => Ok(by_number),
            _ => Err(missing_column(table, &clean, names)),
        }
    };
    let all = |wanted: &[String]| {
        wanted
            .iter()
            .map(find)
            .collect::<Result<Vec<String>, TableError>>()
    };
    let date = |(name, order): &(String, Option<TimeOrder>)| Ok((find(name)?, *order));
    Ok(ReadOptions {
        ignore: all(&options.ignore)?,
        only: all(&options.only)?,
        categorical: all(&options.categorical)?,
        numeric: all(&options.numeric)?,
        dates: options
            .dates
            .iter()
            .map(date)
            .collect::<Result<_, TableError>>()?,
        targets: all(&options.targets)?,
        weight: options.weight.as_ref().map(find).transpose()?,
        ..options.clone()
    })
}

fn readings(names: &[String], given: &[String], options: &ReadOptions) -> Vec<Reading> {
    let missing = Arc::new(MissingWords::new(&options.missing));
    let reading = |(name, given): (&String, &String)| {
        let needed = options.targets.contains(name) || options.weight.as_ref() == Some(name);
        let left_out = options.ignore.contains(name)
            || !options.only.is_empty() && !options.only.contains(name);
        let date = options.dates.iter().find(|(date, _)| date == name);
        let wanted = if needed || options.numeric.contains(name) {
            Wanted::Numbers
        } else if options.categorical.contains(name) {
            Wanted::Categories
        } else {
            date.map_or(Wanted::Anything, |&(_, order)| Wanted::Times(order))
        };
        Reading {
            name: name.clone(),
            unnamed: given.is_empty(),
            wanted,
            gatherer: (needed || !left_out).then(|| Gatherer::new(Arc::clone(&missing))),
        }
    };
    names.iter().zip(given).map(reading).collect()
}

/// Decides all columns, after they have voted on what they have in common; gives notes as well.
fn decide_all(
    columns: Vec<Reading>,
    findings: &Findings,
    options: &ReadOptions,
    rows: usize,
) -> (Vec<(String, Decided)>, Vec<String>) {
    let looks: Vec<Option<Look>> = columns
        .iter()
        .map(|column| Some(Look::at(column.gatherer.as_ref()?, options.decimal)))
        .collect();
    let certain = || {
        columns
            .iter()
            .zip(&looks)
            .filter_map(|(c, look)| Some((c.gatherer.as_ref()?, look.as_ref()?)))
    };
    let decimals: Vec<char> = certain()
        .filter_map(|(column, look)| look.certain_decimal(column))
        .collect();
    let orders: Vec<TimeOrder> = certain()
        .filter_map(|(column, look)| look.certain_order(column))
        .collect();
    let customary = match findings.separator.as_deref() {
        Some("semicolon") => ',', // where the comma is the decimal sign, the semicolon separates
        _ => '.',
    };
    let customs = Customs {
        decimal: Some(options.decimal.or(majority(&decimals)).unwrap_or(customary)),
        decimal_is_told: options.decimal.is_some(),
        order: majority(&orders),
    };
    let mut notes = Vec::new();
    let mut decided = Vec::with_capacity(columns.len());
    for (column, look) in columns.into_iter().zip(looks) {
        let Some((gatherer, look)) = column.gatherer.zip(look) else {
            let form = Form::LeftOut(LeftOut::Ignored);
            let values = Values::LeftOut { rows };
            decided.push((
                column.name,
                Decided {
                    form,
                    values,
                    faults: Vec::new(),
                    faulty_rows: Vec::new(),
                    note: None,
                },
            ));
            continue;
        };
        let name = if column.unnamed { "" } else { &column.name };
        let is = decide(gatherer, &look, name, column.wanted, customs);
        let is_padding = is.form == Form::LeftOut(LeftOut::AllMissing);
        if column.unnamed && is_padding {
            continue; // a spreadsheet exports such columns
        }
        if column.unnamed {
            notes.push(format!(
                "a column without a name is called by its place, {:?}",
                column.name
            ));
        }
        decided.push((column.name, is));
    }
    (decided, notes)
}

fn majority<T: Copy + Eq + std::hash::Hash>(votes: &[T]) -> Option<T> {
    let mut counts = HashMap::new();
    votes
        .iter()
        .for_each(|vote| *counts.entry(*vote).or_insert(0) += 1);
    let most = *counts.values().max()?;
    let mut winners = counts.into_iter().filter(|&(_, count)| count == most);
    let (winner, _) = winners.next()?;
    winners.next().is_none().then_some(winner)
}

/// What to say of a cell below the header that holds its column's name: files were put together with their headers.
const NAMES_AGAIN: &str =
    "the line of names again? Take such lines out, or leave them out by --on-error skip";

/// Whether a cell holds the column's name, perhaps behind the byte order mark of another file.
fn is_name_again(cell: &str, name: &str) -> bool {
    cell.trim_start_matches('\u{feff}').trim() == name
}

/// Adds a row that has another number of values than there are columns.
pub(super) fn note_ragged(
    problems: &mut Vec<Problem>,
    line: u64,
    values: usize,
    columns: usize,
    hint: &str,
) {
    let plural = |count| if count == 1 { "" } else { "s" };
    add_problem(
        problems,
        Problem {
            fault: Fault::Ragged,
            line,
            column: None,
            value: format!(
                "{values} value{} where the header has {columns} column{}",
                plural(values),
                plural(columns)
            ),
            hint: format!("{hint}; --on-error skip leaves such rows out"),
            count: 1,
        },
    );
}

/// Adds a problem to those of its kind in its column, if there are some.
pub(super) fn add_problem(problems: &mut Vec<Problem>, problem: Problem) {
    let same = problems
        .iter_mut()
        .find(|p| p.fault == problem.fault && p.column == problem.column);
    match same {
        None => problems.push(problem),
        Some(known) => {
            let count = known.count + problem.count;
            if problem.line < known.line {
                *known = problem;
            }
            known.count = count;
        }
    }
}

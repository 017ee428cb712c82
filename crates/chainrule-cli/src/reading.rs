//! Tables as the commands read them: by looking at the whole table before a training, by the model's plan after it.

use std::path::Path;

use chainrule_tabular::encoding::Unusual;
use chainrule_tabular::shown::quoted;
use chainrule_tabular::table::plan::LeftOut;
use chainrule_tabular::table::{
    Fault, Findings, Inspection, OnError, PlannedBlock, PlannedReader, Problem, ReadOptions,
    TypedTable, clean_name,
};
use chainrule_tabular::{Regressor, Roles, TableError, reason};

use crate::ahead::{Ahead, Next};
use crate::args::{ColumnArgs, FormArgs, OnErrorName};
use crate::failure::{Failure, say, warn};

/// The most names that one line lists.
const MOST_NAMES: usize = 8;

/// A table to learn from.
pub struct TrainingTable {
    /// The table.
    pub table: TypedTable,
    /// Which of its columns is what.
    pub roles: Roles,
    /// What was found when it was read.
    pub findings: Findings,
    /// What a person should look at; it has been said.
    pub warnings: Vec<String>,
}

/// Reads a table to learn from, and says what was found.
pub fn training_table(
    path: &Path,
    target: &str,
    form: &FormArgs,
    columns: &ColumnArgs,
) -> Result<TrainingTable, Failure> {
    let options = learning(vec![target.to_owned()], form, columns);
    let (table, findings) = TypedTable::read(path, &options).map_err(Failure::from_error)?;
    let roles = Roles {
        target: named(&table, target),
        weight: columns.weight.as_deref().map(|name| named(&table, name)),
        missing: form.missing.clone(),
    };
    tell(&table, &findings, &roles);
    let warnings = Inspection::warnings(&table, &roles.target);
    warnings.iter().for_each(|warning| warn(warning));
    Ok(TrainingTable {
        table,
        roles,
        findings,
        warnings,
    })
}

/// Reads a table as for a training, and looks at all of it.
pub fn inspection(
    path: &Path,
    targets: &[String],
    form: &FormArgs,
    columns: &ColumnArgs,
) -> Result<Inspection, Failure> {
    let options = learning(targets.to_vec(), form, columns);
    let (table, findings) = TypedTable::read(path, &options).map_err(Failure::from_error)?;
    let targets: Vec<String> = targets.iter().map(|target| named(&table, target)).collect();
    Ok(Inspection::of(&table, findings, &targets))
}

/// How a table to learn from is read.
fn learning(targets: Vec<String>, form: &FormArgs, columns: &ColumnArgs) -> ReadOptions {
    ReadOptions {
        ignore: columns.ignore.clone(),
        only: columns.only.clone(),
        categorical: columns.categorical.clone(),
        numeric: columns.numeric.clone(),
        dates: columns.date.clone(),
        targets,
        weight: columns.weight.clone(),
        on_error: match columns.on_error {
            OnErrorName::Stop => OnError::Stop,
            OnErrorName::Skip => OnError::Skip,
        },
        ..written(form)
    }
}

/// The name of a column that was given by its name or, in a table without a header, by its number.
fn named(table: &TypedTable, name: &str) -> String {
    let clean = clean_name(name);
    match table.column(&clean) {
        Some(_) => clean,
        None => format!("c{clean}"),
    }
}

/// How the table is written, as far as that was told.
fn written(form: &FormArgs) -> ReadOptions {
    ReadOptions {
        separator: form.separator,
        decimal: form.decimal,
        header: !form.no_header,
        missing: form.missing.clone(),
        sheet: form.sheet.clone(),
        ..ReadOptions::default()
    }
}

/// What was found, in a line of its own for each kind of thing.
fn tell(table: &TypedTable, findings: &Findings, roles: &Roles) {
    let source = table.source();
    for (why, words) in [
        (LeftOut::Identifier, "which number or name the rows"),
        (LeftOut::FreeText, "texts that hardly repeat"),
        (LeftOut::Constant, "the same value in every row"),
        (LeftOut::AllMissing, "no value at all"),
    ] {
        let columns = table
            .columns()
            .iter()
            .filter(|column| column.left_out() == Some(why));
        let names: Vec<&str> = columns
            .map(|column| column.name())
            .filter(|name| *name != roles.target)
            .collect();
        if !names.is_empty() {
            say(&format!("{source}: left out: {} ({words})", list(&names)));
        }
    }
    match findings.skipped_rows {
        0 => {}
        1 => warn(&format!("{source}: 1 row cannot be read and is left out")),
        rows => warn(&format!(
            "{source}: {rows} rows cannot be read and are left out"
        )),
    }
    for note in &findings.notes {
        say(&format!("{source}: {note}"));
    }
}

/// Names in quotes, the first of them where there are many.
fn list(names: &[&str]) -> String {
    let mut list: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| quoted(name))
        .collect();
    if names.len() > MOST_NAMES {
        list.push(format!("and {} more", names.len() - MOST_NAMES));
    }
    list.join(", ")
}

/// A table that is read block by block as a model reads it, and what was unusual in it.
pub struct ByModel {
    /// None while another thread reads.
    reader: Option<PlannedReader>,
    source: String,
    unusual: Unusual,
    rows: usize,
}

impl ByModel {
    /// Opens a table with the model's inputs, and its target where that is needed.
    pub fn open(
        path: &Path,
        model: &Regressor,
        with_target: bool,
        form: &FormArgs,
    ) -> Result<ByModel, Failure> {
        let target = with_target.then(|| model.target());
        let wanted: Vec<String> = model
            .columns()
            .into_iter()
            .chain(target)
            .map(str::to_owned)
            .collect();
        let reader = PlannedReader::open(path, model.plan(), &wanted, &written(form))
            .map_err(Failure::from_error)?;
        Ok(ByModel {
            source: reader.source().to_owned(),
            reader: Some(reader),
            unusual: Unusual::default(),
            rows: 0,
        })
    }

    /// The reader itself.
    ///
    /// # Panics
    /// If [`for_each`](Self::for_each) has failed.
    pub fn reader(&self) -> &PlannedReader {
        self.reader.as_ref().expect("no thread reads")
    }

    /// The table's name in messages.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Gives every block to `each`, with what `work` has made of it on another thread; `each` tells what was unusual.
    /// Says at the end, once and with counts, what the rows had that the training rows did not have.
    pub fn for_each<T: Send + 'static>(
        &mut self,
        work: impl Fn(&PlannedBlock) -> T + Send + Sync + 'static,
        mut each: impl FnMut(PlannedBlock, T) -> Result<Unusual, Failure>,
    ) -> Result<(), Failure> {
        let reader = self.reader.take().expect("no thread reads");
        let mut ahead = Ahead::of(reader, work).map_err(|error| {
            Failure::Message(format!("no thread can be started: {}", reason(&error)))
        })?;
        let reader = loop {
            match ahead.next() {
                Next::Block(block, made) => {
                    self.rows += block.table.rows();
                    self.unusual.add(&each(block, made)?);
                }
                Next::End(reader) => break reader,
                Next::Failed(error) => return Err(Failure::from_error(error)),
            }
        };
        self.reader = Some(*reader);
        self.end()
    }

    /// Gives the first blocks to `each`, until it tells that it has enough; no further ones are read.
    pub fn first(
        &mut self,
        mut each: impl FnMut(&PlannedBlock) -> Result<GoOn, Failure>,
    ) -> Result<(), Failure> {
        let reader = self.reader.as_mut().expect("no thread reads");
        while let Some(block) = reader.next_block().map_err(Failure::from_error)? {
            self.rows += block.table.rows();
            if each(&block)? == GoOn::No {
                break;
            }
        }
        self.end()
    }

    fn end(&self) -> Result<(), Failure> {
        if self.rows == 0 {
            return Err(Failure::from_error(TableError::NoRows {
                table: self.source.clone(),
            }));
        }
        self.warn();
        Ok(())
    }

    fn warn(&self) {
        let source = &self.source;
        let problems = self.reader().problems();
        for problem in problems {
            warn(&format!("{source}, {problem}"));
        }
        let unreadable = |name: &str| -> u64 {
            let of_column = |problem: &&Problem| {
                problem.column.as_deref() == Some(name) && problem.fault != Fault::Unseen
            };
            let ragged = problems
                .iter()
                .filter(|problem| problem.fault == Fault::Ragged);
            problems
                .iter()
                .filter(of_column)
                .chain(ragged)
                .map(|problem| problem.count)
                .sum()
        };
        for (name, found) in self.unusual.columns() {
            let gaps = (found.gaps.rows as u64).saturating_sub(unreadable(name));
            if gaps > 0 {
                warn(&format!(
                    "{source}, column {}: {} no value, where the training rows always had one: the median, or none of \
                     the levels, stands for it",
                    quoted(name),
                    of_rows(gaps, self.rows, found.gaps.first_line, "has", "have"),
                ));
            }
            if found.outside.rows > 0 {
                warn(&format!(
                    "{source}, column {}: {} far outside of what the model was trained on: the predictions there are guesses",
                    quoted(name),
                    of_rows(
                        found.outside.rows as u64,
                        self.rows,
                        found.outside.first_line,
                        "lies",
                        "lie"
                    ),
                ));
            }
        }
    }
}

/// Whether further blocks are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum GoOn {
    /// All of them.
    Yes,
    /// None.
    No,
}

/// `3 of 100 rows (the first on line 5) have`
fn of_rows(count: u64, rows: usize, first_line: Option<u64>, one: &str, many: &str) -> String {
    let line = first_line.map_or_else(String::new, |line| match count {
        1 => format!(" (line {line})"),
        _ => format!(" (the first on line {line})"),
    });
    format!(
        "{count} of {rows} rows{line} {}",
        if count == 1 { one } else { many }
    )
}

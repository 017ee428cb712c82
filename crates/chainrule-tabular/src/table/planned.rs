//! Reads tables by a plan that was made before, block by block: for prediction, where nothing is decided any more.
//!
//! No cell costs a row its place: what the plan cannot read is missing, and counted.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use super::column::{Column, MISSING_CODE, MISSING_TIME, UNSEEN_CODE, Values};
use super::error::TableError;
use super::findings::Findings;
use super::formats::{open_reader, open_source};
use super::gather::MissingWords;
use super::kinds::level_of_number;
use super::names::{distinct_names, missing_column};
use super::numbers::{self, plain};
use super::options::ReadOptions;
use super::plan::{ColumnPlan, Form, NumberFormat, TablePlan, TimeOrder};
use super::problems::{Fault, Problem, is_infinity};
use super::read::{add_problem, note_ragged};
use super::source::{Block, Cell, RowForm, Source};
use super::times;
use super::typed::{RowLines, TypedTable};

/// A table that is read by a plan.
pub struct PlannedReader {
    source: Box<dyn Source>,
    table: String,
    names: Vec<String>,
    columns: Vec<PlannedColumn>,
    missing: MissingWords,
    problems: Vec<Problem>,
    is_first: bool,
}

/// One column of the plan, and where the table has it.
struct PlannedColumn {
    plan: ColumnPlan,
    place: usize,
    codes: HashMap<String, u32>,
}

/// Some consecutive rows, typed and as they stand in the source.
pub struct PlannedBlock {
    /// The columns that were asked for.
    pub table: TypedTable,
    /// The rows as the source has them. All cells of [ragged](Block::ragged) rows are missing in the table.
    pub rows: Block,
}

impl PlannedReader {
    /// Opens a file; the path `-` stands for standard input. All `wanted` columns of the plan have to be there.
    pub fn open(
        path: &Path,
        plan: &TablePlan,
        wanted: &[String],
        options: &ReadOptions,
    ) -> Result<PlannedReader, TableError> {
        let (source, table) = open_source(path, &looking_for(wanted, options))?;
        PlannedReader::new(source, table, plan, wanted, options)
    }

    /// Reads from bytes; `source` names them in messages.
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        source: &str,
        plan: &TablePlan,
        wanted: &[String],
        options: &ReadOptions,
    ) -> Result<PlannedReader, TableError> {
        let opened = open_reader(Box::new(reader), source, &looking_for(wanted, options))?;
        PlannedReader::new(opened, source.to_owned(), plan, wanted, options)
    }

    /// Reads rows that are in memory; `name` is what messages call them.
    pub fn from_source(
        source: Box<dyn Source>,
        name: &str,
        plan: &TablePlan,
        wanted: &[String],
        options: &ReadOptions,
    ) -> Result<PlannedReader, TableError> {
        PlannedReader::new(source, name.to_owned(), plan, wanted, options)
    }

    fn new(
        source: Box<dyn Source>,
        table: String,
        plan: &TablePlan,
        wanted: &[String],
        options: &ReadOptions,
    ) -> Result<PlannedReader, TableError> {
        let (names, _) = distinct_names(source.names());
        let places: HashMap<&String, usize> = names.iter().zip(0..).collect();
        let plans: HashMap<&String, &ColumnPlan> =
            plan.columns.iter().map(|plan| (&plan.name, plan)).collect();
        let mut columns = Vec::with_capacity(wanted.len());
        for name in wanted {
            let place = places
                .get(name)
                .copied()
                .ok_or_else(|| missing_column(&table, name, &names))?;
            let mut plan = ColumnPlan::clone(
                plans
                    .get(name)
                    .ok_or_else(|| missing_column(&table, name, &names))?,
            );
            if let (Form::Number(format), Some(decimal)) = (&mut plan.form, options.decimal) {
                *format = with_decimal(format, decimal);
            }
            let codes = match &plan.form {
                Form::Category { levels } => levels.iter().cloned().zip(0..).collect(),
                _ => HashMap::new(),
            };
            columns.push(PlannedColumn { plan, place, codes });
        }
        let words = [plan.missing.as_slice(), options.missing.as_slice()].concat();
        Ok(PlannedReader {
            source,
            table,
            names,
            columns,
            missing: MissingWords::new(&words),
            problems: Vec::new(),
            is_first: true,
        })
    }

    /// The table's name in messages.
    pub fn source(&self) -> &str {
        &self.table
    }

    /// The names of all columns of the table, those that the plan does not know among them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How the rows are written.
    pub fn row_form(&self) -> RowForm {
        self.source.row_form()
    }

    /// What was found besides rows; complete after the last block.
    pub fn findings(&self) -> Findings {
        self.source.findings()
    }

    /// What could not be read so far: rows with too many or too few values, and cells that were taken as missing.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// All rows that are left, as one table; None if there are none.
    pub fn rest(&mut self) -> Result<Option<TypedTable>, TableError> {
        let mut rest: Option<TypedTable> = None;
        while let Some(block) = self.next_block()? {
            match &mut rest {
                None => rest = Some(block.table),
                Some(rest) => rest.append(block.table),
            }
        }
        Ok(rest)
    }

    /// The next rows; None at the end.
    pub fn next_block(&mut self) -> Result<Option<PlannedBlock>, TableError> {
        let mut rows = Block::default();
        if !self.source.next_block(&mut rows)? {
            return Ok(None);
        }
        for ragged in rows.ragged() {
            let line = rows.line(ragged.row);
            note_ragged(
                &mut self.problems,
                line,
                ragged.values,
                self.names.len(),
                ragged.hint,
            );
        }
        let mut lines = RowLines::default();
        (0..rows.rows()).for_each(|row| lines.push(rows.line(row)));
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let mut problems = Vec::new();
            let values = column.read(&rows, &self.missing, &mut problems);
            if self.is_first {
                column.refuse_if_nothing_is_read(&self.table, &values, &problems)?;
            }
            problems
                .into_iter()
                .for_each(|problem| add_problem(&mut self.problems, problem));
            columns.push(Column::new(column.plan.clone(), values));
        }
        self.is_first = false;
        let table = TypedTable::new(self.table.clone(), columns, lines);
        Ok(Some(PlannedBlock { table, rows }))
    }
}

/// The options with the names of what is looked for, by which a first line that is a row is told from a header.
fn looking_for(wanted: &[String], options: &ReadOptions) -> ReadOptions {
    ReadOptions {
        targets: wanted.to_vec(),
        ..options.clone()
    }
}

/// The format with another decimal sign; the sign of the groups makes room for it.
fn with_decimal(format: &NumberFormat, decimal: char) -> NumberFormat {
    let group = if format.group == Some(decimal) {
        Some(format.decimal)
    } else {
        format.group
    };
    NumberFormat {
        decimal,
        group,
        unit: format.unit.clone(),
        magnitudes: format.magnitudes,
    }
}

impl PlannedColumn {
    fn read(&self, block: &Block, missing: &MissingWords, problems: &mut Vec<Problem>) -> Values {
        let rows = 0..block.rows();
        let mut misfit = |row: usize, fault: Fault, value: String| {
            add_problem(
                problems,
                Problem {
                    fault,
                    line: block.line(row),
                    column: Some(self.plan.name.clone()),
                    value,
                    hint: "taken as missing".to_owned(),
                    count: 1,
                },
            );
        };
        match &self.plan.form {
            Form::Number(format) => Values::Number(
                rows.map(|row| {
                    let cell = block.cell(row, self.place);
                    match number(cell, format, missing) {
                        Ok(number) => number,
                        Err(text) => {
                            let fault = if is_infinity(&text) {
                                Fault::NotFinite
                            } else {
                                Fault::NotANumber
                            };
                            misfit(row, fault, text);
                            f64::NAN
                        }
                    }
                })
                .collect(),
            ),
            Form::Time(format) => Values::Time(
                rows.map(|row| match block.cell(row, self.place) {
                    Cell::Missing => MISSING_TIME,
                    Cell::Time(time, _) => time,
                    Cell::Number(number) if format.order == TimeOrder::UnixSeconds => {
                        times::from_unix_seconds(number).unwrap_or(MISSING_TIME)
                    }
                    cell => {
                        let text = in_words(cell);
                        if missing.hold(text.trim()) {
                            return MISSING_TIME;
                        }
                        times::read(text.trim(), format).unwrap_or_else(|| {
                            misfit(row, Fault::NotATime, text);
                            MISSING_TIME
                        })
                    }
                })
                .collect(),
            ),
            form @ Form::Boolean { .. } => Values::Boolean(
                rows.map(|row| {
                    let text = level(block.cell(row, self.place), missing)?;
                    let truth = form.truth(&text);
                    if truth.is_none() {
                        misfit(row, Fault::Unseen, text);
                    }
                    truth
                })
                .collect(),
            ),
            Form::Category { .. } => Values::Category(
                rows.map(|row| {
                    let Some(text) = level(block.cell(row, self.place), missing) else {
                        return MISSING_CODE;
                    };
                    self.codes.get(&text).copied().unwrap_or_else(|| {
                        misfit(row, Fault::Unseen, text);
                        UNSEEN_CODE
                    })
                })
                .collect(),
            ),
            Form::LeftOut(_) => Values::LeftOut { rows: block.rows() },
        }
    }

    /// A column of which not one cell can be read is written in another way than the plan's, and nobody wants
    /// predictions from a column of gaps.
    fn refuse_if_nothing_is_read(
        &self,
        table: &str,
        values: &Values,
        problems: &[Problem],
    ) -> Result<(), TableError> {
        let none_read = match values {
            Values::Number(values) => values.iter().all(|value| value.is_nan()),
            Values::Time(times) => times.iter().all(|&time| time == MISSING_TIME),
            _ => false,
        };
        let unreadable =
            |problem: &&Problem| matches!(problem.fault, Fault::NotANumber | Fault::NotATime);
        match problems.iter().find(unreadable) {
            Some(problem) if none_read => {
                let decimal_comma = numbers::read(
                    &problem.value,
                    &NumberFormat {
                        decimal: ',',
                        ..NumberFormat::default()
                    },
                );
                let hint = match decimal_comma {
                    Some(_) => "a decimal comma? Try --decimal ,".to_owned(),
                    None => "no value of the column is written as those that the model learnt from"
                        .to_owned(),
                };
                Err(TableError::Problems {
                    table: table.to_owned(),
                    problems: vec![Problem {
                        hint,
                        ..problem.clone()
                    }],
                })
            }
            _ => Ok(()),
        }
    }
}

/// The cell as a number, NaN where it is missing; what stands there where it is no number.
fn number(cell: Cell<'_>, format: &NumberFormat, missing: &MissingWords) -> Result<f64, String> {
    let known = |number: f64| match number {
        number if missing.hold_number(number) => Ok(f64::NAN),
        number if number.is_infinite() => Err(number.to_string()),
        number => Ok(number),
    };
    match cell {
        Cell::Number(number) => known(number),
        Cell::Missing => Ok(f64::NAN),
        Cell::Text(text) => {
            if format.decimal == '.'
                && let Some(number) = plain(text.as_bytes())
            {
                return known(number.value);
            }
            let text = text.trim();
            match numbers::read(text, format) {
                Some(number) => known(number),
                None if missing.hold(text) => Ok(f64::NAN),
                None => Err(text.to_owned()),
            }
        }
        Cell::Boolean(_) | Cell::Time(..) => Err(in_words(cell)),
    }
}

/// The cell as a level of a category; None where it is missing.
fn level(cell: Cell<'_>, missing: &MissingWords) -> Option<String> {
    match cell {
        Cell::Missing => None,
        Cell::Number(number) => {
            (!number.is_nan() && !missing.hold_number(number)).then(|| level_of_number(number))
        }
        Cell::Text(text) => {
            let text = text.trim();
            match plain(text.as_bytes()) {
                Some(number) => {
                    (!missing.hold_number(number.value)).then(|| level_of_number(number.value))
                }
                None => (!missing.hold(text)).then(|| text.to_owned()),
            }
        }
        Cell::Boolean(_) | Cell::Time(..) => Some(in_words(cell)),
    }
}

pub(super) fn in_words(cell: Cell<'_>) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Text(text) => text.to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Time(time, _) => times::in_words(time),
    }
}

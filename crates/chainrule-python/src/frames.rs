//! Rows that Python has in memory, as a source of tables.
//!
//! Python gives batches of columns, each in one of a few plain forms; what a DataFrame's types become in them is
//! decided in `_frames.py`. Here they become cells, as those of a Parquet file do.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chainrule_tabular::TableError;
use chainrule_tabular::table::plan::{Resolution, TablePlan};
use chainrule_tabular::table::source::{Block, Cell, Source};
use chainrule_tabular::table::{Findings, PlannedReader, ReadOptions, TypedTable, clean_name};
use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::arrays::is_readable;
use crate::messages;

/// How many rows make a block: as many as of a Parquet file.
const BLOCK_ROWS: usize = 2048;

/// Where rows are: in a file, or in Python's memory.
#[derive(FromPyObject)]
pub enum Rows {
    /// A file of any format that the command reads.
    #[pyo3(transparent)]
    File(PathBuf),
    /// What messages call the table, what it is, the columns' names, and an iterator over batches.
    #[pyo3(transparent)]
    Frame((String, String, Vec<String>, Py<PyAny>)),
}

impl Rows {
    /// The whole table, its columns decided by what they hold.
    pub fn learn(self, options: &ReadOptions) -> PyResult<(TypedTable, Findings)> {
        match self {
            Rows::File(path) => TypedTable::read(&path, options).map_err(messages::of_file),
            Rows::Frame((name, format, names, batches)) => {
                let raised = Raised::default();
                let frame = Frame::new(format, names, batches, &raised);
                let read = TypedTable::from_source(Box::new(frame), &name, options);
                raised.or(read.map_err(|error| messages::of_frame(&error)))
            }
        }
    }

    /// The table, to be read by a plan; what Python raises meanwhile lies in `raised`.
    pub fn planned(
        self,
        plan: &TablePlan,
        wanted: &[String],
        raised: &Raised,
    ) -> PyResult<PlannedReader> {
        let options = ReadOptions::default();
        match self {
            Rows::File(path) => {
                PlannedReader::open(&path, plan, wanted, &options).map_err(messages::of_file)
            }
            Rows::Frame((name, format, names, batches)) => {
                let frame = Box::new(Frame::new(format, names, batches, raised));
                PlannedReader::from_source(frame, &name, plan, wanted, &options)
                    .map_err(|error| messages::of_frame(&error))
            }
        }
    }

    /// Whether the rows are in memory, where they have no lines.
    pub fn are_in_memory(&self) -> bool {
        matches!(self, Rows::Frame(_))
    }
}

/// What Python raised while it was asked for rows.
#[derive(Clone, Debug, Default)]
pub struct Raised(Arc<Mutex<Option<PyErr>>>);

impl Raised {
    /// That error, or `result` where nothing was raised.
    pub fn or<T>(&self, result: PyResult<T>) -> PyResult<T> {
        let mut raised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        raised.take().map_or(result, Err)
    }
}

/// A table in Python's memory.
struct Frame {
    format: String,
    names: Vec<String>,
    batches: Py<PyAny>,
    batch: Vec<Values>,
    /// Rows of the batch, and how many of them have been given.
    rows: usize,
    given: usize,
    /// Rows of all batches that have been given.
    row: u64,
    raised: Raised,
}

/// The values of one column of a batch.
#[derive(FromPyObject)]
enum Values {
    /// NaN where one is missing.
    #[pyo3(transparent)]
    Numbers(Py<PyArray1<f64>>),
    #[pyo3(transparent)]
    Singles(Py<PyArray1<f32>>),
    /// No, yes, or -1.
    #[pyo3(transparent)]
    Booleans(Py<PyArray1<i8>>),
    /// Microseconds since 1970, or the least number; and whether they are days.
    #[pyo3(transparent)]
    Times((Py<PyArray1<i64>>, bool)),
    /// Places in a list of texts, or -1.
    #[pyo3(transparent)]
    Codes((Py<PyArray1<i64>>, Vec<String>)),
    #[pyo3(transparent)]
    Texts(Vec<Option<String>>),
}

impl Frame {
    fn new(format: String, names: Vec<String>, batches: Py<PyAny>, raised: &Raised) -> Frame {
        Frame {
            format,
            names: names.iter().map(|name| clean_name(name)).collect(),
            batches,
            batch: Vec::new(),
            rows: 0,
            given: 0,
            row: 0,
            raised: raised.clone(),
        }
    }

    /// Takes batches until one has rows; false at the end.
    fn next_batch(&mut self, py: Python<'_>) -> PyResult<bool> {
        while self.given == self.rows {
            self.batch.clear(); // before the next one: the memory of this one is not kept for longer
            let mut batches = self.batches.bind(py).try_iter()?;
            let Some(batch) = batches.next() else {
                return Ok(false);
            };
            (self.rows, self.batch) = batch?.extract()?;
            self.given = 0;
        }
        Ok(true)
    }

    fn fill(&mut self, py: Python<'_>, block: &mut Block) -> PyResult<bool> {
        if !self.next_batch(py)? {
            block.begin(self.names.len(), 0, self.row + 1);
            return Ok(false);
        }
        let rows = (self.rows - self.given).min(BLOCK_ROWS);
        block.begin(self.names.len(), rows, self.row + 1);
        for (place, values) in self.batch.iter().enumerate() {
            values.fill(py, block, place, self.given, rows)?;
        }
        self.given += rows;
        self.row += rows as u64;
        Ok(true)
    }
}

impl Source for Frame {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        Python::attach(|py| self.fill(py, block)).map_err(|error| {
            *self.raised.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            TableError::Format {
                table: "the table".to_owned(),
                format: "a table in memory",
                reason: "Python raised an error, which says why".to_owned(),
            }
        })
    }

    fn findings(&self) -> Findings {
        Findings {
            format: self.format.clone(),
            ..Findings::default()
        }
    }
}

impl Values {
    /// Puts values from `begin` on into a column of the block.
    fn fill(
        &self,
        py: Python<'_>,
        block: &mut Block,
        place: usize,
        begin: usize,
        rows: usize,
    ) -> PyResult<()> {
        let mut put = |row: usize, cell: Cell<'_>| block.put(row, place, cell);
        match self {
            Values::Numbers(values) => {
                for (row, &value) in part(&readable(py, values)?, begin, rows)?
                    .iter()
                    .enumerate()
                {
                    put(row, Cell::Number(value));
                }
            }
            Values::Singles(values) => {
                for (row, value) in part(&readable(py, values)?, begin, rows)?
                    .iter()
                    .enumerate()
                {
                    // What was meant is the shortest decimal that is this number, as in a Parquet file.
                    let value = value.to_string().parse().unwrap_or(f64::NAN);
                    put(row, Cell::Number(value));
                }
            }
            Values::Booleans(values) => {
                for (row, &value) in part(&readable(py, values)?, begin, rows)?
                    .iter()
                    .enumerate()
                {
                    if value >= 0 {
                        put(row, Cell::Boolean(value != 0));
                    }
                }
            }
            Values::Times((values, are_days)) => {
                let resolution = match are_days {
                    true => Resolution::Day,
                    false => Resolution::Second,
                };
                for (row, &time) in part(&readable(py, values)?, begin, rows)?
                    .iter()
                    .enumerate()
                {
                    if time != i64::MIN {
                        put(row, Cell::Time(time, resolution));
                    }
                }
            }
            Values::Codes((codes, texts)) => {
                for (row, &code) in part(&readable(py, codes)?, begin, rows)?.iter().enumerate() {
                    let code = usize::try_from(code).ok();
                    if let Some(text) = code.and_then(|code| texts.get(code)) {
                        put(row, Cell::Text(text));
                    }
                }
            }
            Values::Texts(texts) => {
                for (row, text) in part(texts, begin, rows)?.iter().enumerate() {
                    if let Some(text) = text {
                        put(row, Cell::Text(text));
                    }
                }
            }
        }
        Ok(())
    }
}

/// An array whose memory can be read as it is.
fn readable<'py, T: Element>(
    py: Python<'py>,
    array: &Py<PyArray1<T>>,
) -> PyResult<Contiguous<'py, T>> {
    let array = array.bind(py);
    if !is_readable(array) {
        return Err(PyTypeError::new_err("a column is not contiguous"));
    }
    Ok(Contiguous(array.try_readonly()?))
}

/// A borrowed array that is contiguous and aligned.
struct Contiguous<'py, T: Element>(PyReadonlyArray1<'py, T>);

impl<T: Element> std::ops::Deref for Contiguous<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_slice().expect("looked at when it was borrowed")
    }
}

/// Some of the values, which have to be there.
fn part<T>(values: &[T], begin: usize, rows: usize) -> PyResult<&[T]> {
    values
        .get(begin..begin + rows)
        .ok_or_else(|| PyTypeError::new_err("a column is shorter than its table"))
}

//! From a table's columns to the network's inputs: learnt from the training rows alone, kept in the model, replayed at
//! every prediction.
//!
//! ```text
//! number    z = c((x − median)/(q₇₅ − q₂₅)), bins on request          1 input, and the bins
//! category  one input for each usual level, one for all others        as many inputs as levels; two levels: −1, +1
//!           the mean of the target over each level's rows, on request  2 inputs, and the bins
//! pair      bins in directions between the axes of two numbers, on request
//! time      elapsed time, and the parts of the calendar that vary     up to 49 inputs
//! any       1 where the value is missing                              1 input, where training rows had gaps
//! ```
//!
//! Each encoder has a file. What is encoded is finite for every finite value, depends on its own row alone, and does
//! not depend on any row but the training rows.

mod category;
mod column;
mod dates;
mod interaction;
mod level_means;
mod missing;
mod network_rows;
mod number;
mod oblique;
mod one_hot;
mod piecewise_linear;
mod quantiles;
mod robust_scale;
mod standardize;
mod target;
#[cfg(test)]
mod tests;
mod unusual;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use chainrule::inputs::{EncodedRows, InputColumn, InputLayout};
use chainrule::neural_networks::{PreparedNetwork, SimpleNeuralNetwork};
use serde::{Deserialize, Serialize};

use crate::TableError;
use crate::numbers::six_digits;
use crate::table::TypedTable;
pub use category::Category;
use column::Bound;
pub use column::{ColumnEncoding, Encoder};
pub use dates::Dates;
pub use level_means::{LevelMeans, LevelRows};
pub use missing::Missing;
pub(crate) use network_rows::{NetworkRows, reads_encoded};
pub use number::Number;
pub use oblique::Oblique;
pub(crate) use oblique::ObliquePlaces;
pub use one_hot::OneHot;
pub use piecewise_linear::PiecewiseLinear;
pub use robust_scale::RobustScale;
pub use standardize::Standardize;
pub(crate) use standardize::mean_and_deviation;
pub use target::{TargetScale, TargetTransform};
pub use unusual::{Tally, Unusual, UnusualColumn};

/// What is asked of the encoders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodingSettings {
    /// Into how many bins each number is divided; 0 for none.
    pub bins: usize,
    /// Whether the [mean of the target](LevelMeans) over a level's rows is told, for categories of many rare levels.
    #[serde(default)]
    pub level_means: bool,
    /// In how many [directions](Oblique) between each axis and the next a pair of numbers is divided into bins, if the
    /// two tell together what neither tells alone; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub oblique: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The rows of a table that a model is made from.
#[derive(Clone, Copy, Debug)]
pub struct TrainingRows<'a> {
    /// Their places in the table.
    pub places: &'a [u32],
    /// The target of each.
    pub target: &'a [f64],
    /// The fold of each, from which no other row of the fold is told anything; None for rows that are kept for
    /// validation: nothing is learnt from them.
    pub folds: &'a [Option<u8>],
}

/// As many inputs may be made of one part of a column: encoded rows tell them apart in 16 bits.
const MOST_INPUTS: usize = u16::MAX as usize;

/// So many rows of a table at least are used up at a time.
const USED_UP_AT_A_TIME: usize = 1 << 16;

/// At most so many times: at each, the levels of all categories are looked up.
const MOST_TIMES: usize = 16;

/// The encoders of all columns that a model reads, in the order of the network's inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Encoding {
    columns: Vec<ColumnEncoding>,
    /// What pairs of them tell, behind the inputs of all columns.
    oblique: Vec<Oblique>,
}

/// An encoding as a model file has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Columns(Vec<ColumnEncoding>),
    WithPairs {
        columns: Vec<ColumnEncoding>,
        oblique: Vec<Oblique>,
    },
}

impl From<Stored> for Encoding {
    fn from(stored: Stored) -> Encoding {
        match stored {
            Stored::Columns(columns) => Encoding {
                columns,
                oblique: Vec::new(),
            },
            Stored::WithPairs { columns, oblique } => Encoding { columns, oblique },
        }
    }
}

impl From<Encoding> for Stored {
    fn from(Encoding { columns, oblique }: Encoding) -> Stored {
        match oblique.is_empty() {
            true => Stored::Columns(columns),
            false => Stored::WithPairs { columns, oblique },
        }
    }
}

/// The encoders of all columns beside the columns of a table.
#[derive(Debug)]
pub(crate) struct BoundTable<'a> {
    encoding: &'a Encoding,
    layout: Arc<InputLayout>,
    oblique: ObliquePlaces<'a>,
    table: &'a TypedTable,
    columns: Vec<Bound<'a>>,
}

/// Where encoded rows hold what is made of one column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Among the columns of the layout.
    pub columns: Range<usize>,
    /// Among the inputs.
    pub inputs: Range<usize>,
}

/// Encoded rows, and what was unusual in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// One row for each row that was asked for.
    pub x: EncodedRows<f32>,
    /// What was unlike the training rows.
    pub unusual: Unusual,
}

/// One column of a row on its way through its encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedCell {
    /// The column's name.
    pub column: String,
    /// The value as the table has it; None where it is missing.
    pub value: Option<String>,
    /// The inputs that were made of it, each with its name.
    pub inputs: Vec<(String, f32)>,
}

impl Encoding {
    /// Learns to encode the columns `inputs` of a table from the training rows alone.
    ///
    /// A column that tells nothing in those rows, such as a constant, is left out: see [`columns`](Self::columns).
    ///
    /// # Panics
    /// If the table has no such row, or `training` has parts of different lengths.
    #[track_caller]
    pub fn learn(
        table: &TypedTable,
        training: &TrainingRows,
        inputs: &[String],
        settings: &EncodingSettings,
    ) -> Result<Encoding, TableError> {
        training.expect_whole();
        let rows: Vec<usize> = training.learnt().map(|(row, _)| row).collect();
        let mut columns = Vec::with_capacity(inputs.len());
        for name in inputs {
            let column = table.find(name)?;
            columns.extend(ColumnEncoding::learn(column, &rows, training, settings));
        }
        let oblique = Oblique::learn(table, training, &columns, settings)?;
        Ok(Encoding { columns, oblique })
    }

    /// Numbers shifted and scaled, a shift and a scale for each name.
    pub fn standardized(scales: impl IntoIterator<Item = (String, Standardize)>) -> Encoding {
        let encoding = |(name, scale)| ColumnEncoding::new(name, Encoder::Standardize(scale));
        Encoding {
            columns: scales.into_iter().map(encoding).collect(),
            oblique: Vec::new(),
        }
    }

    /// The columns that are read, each with its encoder.
    pub fn columns(&self) -> &[ColumnEncoding] {
        &self.columns
    }

    /// The directions in which pairs of the columns are divided into bins.
    pub fn oblique(&self) -> &[Oblique] {
        &self.oblique
    }

    /// Where the rows of the encoding hold what pairs of columns tell.
    pub(crate) fn oblique_places(&self) -> ObliquePlaces<'_> {
        ObliquePlaces::of(&self.oblique, &self.spans(), &self.input_columns())
    }

    /// How many inputs the network has.
    pub fn inputs(&self) -> usize {
        let of_pairs = self.oblique.iter().map(|oblique| oblique.bins().bins());
        let of_columns = self.columns.iter().map(ColumnEncoding::inputs);
        of_columns.chain(of_pairs).sum()
    }

    /// A name for each input.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.inputs());
        self.columns
            .iter()
            .for_each(|column| column.push_names(&mut names));
        for oblique in &self.oblique {
            let (name, bins) = (oblique.name(&self.columns), oblique.bins().bins());
            names.extend((1..=bins).map(|t| format!("{name}, bin {t} of {bins}")));
        }
        names
    }

    /// What the columns of encoded rows are.
    pub fn layout(&self) -> Arc<InputLayout> {
        InputLayout::new(self.input_columns())
    }

    /// A network of these inputs, prepared for whoever lets it predict again and again.
    #[track_caller]
    pub(crate) fn prepare(&self, network: SimpleNeuralNetwork<f32>) -> PreparedNetwork<f32> {
        let layout = self.layout();
        PreparedNetwork::new(network, reads_encoded(&layout).then_some(&layout))
    }

    /// Where encoded rows hold what is made of each column of the table.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let (mut columns, mut inputs) = (Vec::new(), 0);
        let span = |encoding: &ColumnEncoding| {
            let before = (columns.len(), inputs);
            encoding.push_columns(&mut columns);
            inputs += encoding.inputs();
            Span {
                columns: before.0..columns.len(),
                inputs: before.1..inputs,
            }
        };
        self.columns.iter().map(span).collect()
    }

    fn input_columns(&self) -> Vec<InputColumn> {
        let mut columns = Vec::new();
        self.columns
            .iter()
            .for_each(|column| column.push_columns(&mut columns));
        let of_pairs = self.oblique.iter().map(|oblique| oblique.bins().bins());
        columns.extend(of_pairs.map(InputColumn::Steps));
        columns
    }

    /// The inputs that a straight line is learnt from: numbers, levels and gaps, without the bins, means of levels and
    /// pairs that only networks are told.
    pub(crate) fn plain_inputs(&self) -> Vec<usize> {
        let (mut plain, mut end) = (Vec::new(), 0);
        for encoding in &self.columns {
            let mut columns = Vec::new();
            encoding.push_columns(&mut columns);
            let mut input = end;
            end += encoding.inputs();
            let before_means = end - encoding.inputs_of_means();
            for column in columns {
                let inputs = input..input + column.inputs();
                input = inputs.end;
                if inputs.end <= before_means && !matches!(column, InputColumn::Steps(_)) {
                    plain.extend(inputs);
                }
            }
        }
        plain
    }

    /// The given rows as the networks see them. Columns are found by name: their order and further columns do not
    /// matter.
    ///
    /// # Panics
    /// If the table has no such row.
    #[track_caller]
    pub fn encode(&self, table: &TypedTable, rows: &[u32]) -> Result<Encoded, TableError> {
        Ok(self.bind(table)?.encode(rows))
    }

    /// The encoders beside the columns of a table, for whoever encodes it in parts.
    pub(crate) fn bind<'a>(&'a self, table: &'a TypedTable) -> Result<BoundTable<'a>, TableError> {
        let columns = self.columns.iter().map(|column| column.bind(table));
        Ok(BoundTable {
            encoding: self,
            layout: self.layout(),
            oblique: self.oblique_places(),
            table,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    /// The rows that the encoding was learnt from, in ascending order, as a network that learns from them sees them: no
    /// row is told anything of its own target, or of those in its fold.
    ///
    /// A table that is given away is used up from its last rows to its first, so that the memory of both together is
    /// hardly more than that of the table.
    ///
    /// # Panics
    /// If the table has no such row, or `training` has parts of different lengths.
    #[track_caller]
    pub fn encode_training<'a>(
        &self,
        table: impl Into<Cow<'a, TypedTable>>,
        training: &TrainingRows,
    ) -> Result<EncodedRows<f32>, TableError> {
        training.expect_whole();
        let (mut table, places) = (table.into(), training.places);
        let told = self.columns.iter();
        let told = told.map(|column| column.told_in_training(&table, training));
        let told: Vec<_> = told.collect::<Result<_, _>>()?;
        let at_a_time = match table {
            Cow::Borrowed(_) => places.len(),
            Cow::Owned(_) => USED_UP_AT_A_TIME.max(places.len() / MOST_TIMES),
        };
        let mut x = EncodedRows::zeros(&self.layout(), places.len());
        let mut end = places.len();
        while end > 0 {
            let start = end.saturating_sub(at_a_time);
            let columns = self.columns.iter().zip(&told);
            let bound = columns.map(|(column, told)| column.bind_told(&table, told.as_deref()));
            let bound: Vec<Bound> = bound.collect::<Result<_, _>>()?;
            for (r, &place) in places[start..end].iter().enumerate() {
                let mut encoded = x.row_mut(start + r);
                bound.iter().for_each(|column| {
                    column.write(place, &mut encoded);
                });
            }
            drop(bound);
            if let Cow::Owned(table) = &mut table {
                table.truncate(places[start] as usize);
            }
            end = start;
        }
        self.oblique_places().fill(&mut x);
        Ok(x)
    }

    /// One row's way through the encoders, column by column.
    ///
    /// # Panics
    /// If the table has no such row.
    #[track_caller]
    pub fn explain(&self, table: &TypedTable, row: u32) -> Result<Vec<EncodedCell>, TableError> {
        let x = self.encode(table, &[row])?.x.to_dense();
        let spans = self.spans();
        let scaled = |c: usize| f64::from(x[[0, spans[c].inputs.start]]);
        let mut inputs = self.names().into_iter().zip(x.iter().copied());
        let cells = self.columns.iter().map(|encoding| {
            let column = table
                .column(encoding.name())
                .expect("it was encoded just now");
            EncodedCell {
                column: encoding.name().to_owned(),
                value: column::cell_text(column, row as usize),
                inputs: inputs.by_ref().take(encoding.inputs()).collect(),
            }
        });
        let mut cells: Vec<EncodedCell> = cells.collect();
        cells.extend(self.oblique.iter().map(|oblique| EncodedCell {
            column: oblique.name(&self.columns),
            value: Some(six_digits(oblique.along(oblique.columns().map(scaled)))),
            inputs: inputs.by_ref().take(oblique.bins().bins()).collect(),
        }));
        Ok(cells)
    }

    /// For each column, and for each direction of a pair, its name, its kind, what was learnt of it, and how many
    /// inputs it makes.
    pub fn describe(&self) -> Vec<(String, &'static str, String, usize)> {
        let columns = self.columns.iter().map(|column| {
            let (kind, learnt) = column.describe();
            (column.name().to_owned(), kind, learnt, column.inputs())
        });
        let pairs = self.oblique.iter().map(|oblique| {
            let bins = oblique.bins().bins();
            (
                oblique.name(&self.columns),
                "pair",
                format!("{bins} bins"),
                bins,
            )
        });
        columns.chain(pairs).collect()
    }

    /// Whether every encoder can be computed with; a file could say anything.
    pub fn is_sound(&self) -> bool {
        let fits = |column: &InputColumn| (1..=MOST_INPUTS).contains(&column.inputs());
        !self.columns.is_empty()
            && self.columns.iter().all(ColumnEncoding::is_sound)
            && self
                .oblique
                .iter()
                .all(|oblique| oblique.is_sound(&self.columns))
            && self.input_columns().iter().all(fits)
            && u32::try_from(self.inputs()).is_ok()
    }
}

impl BoundTable<'_> {
    /// Nothing unusual in any of the columns.
    pub(crate) fn unusual(&self) -> Unusual {
        Unusual::in_columns(self.encoding.columns.iter().map(ColumnEncoding::name))
    }

    /// The given rows as the networks see them.
    ///
    /// # Panics
    /// If the table has no such row.
    #[track_caller]
    pub(crate) fn encode(&self, rows: &[u32]) -> Encoded {
        let mut unusual = self.unusual();
        let mut x = EncodedRows::zeros(&self.layout, rows.len());
        for (r, &row) in rows.iter().enumerate() {
            let mut encoded = x.row_mut(r);
            for (j, column) in self.columns.iter().enumerate() {
                let cell = column.write(row, &mut encoded);
                unusual.count(j, cell, || self.table.line(row as usize));
            }
        }
        self.oblique.fill(&mut x);
        Encoded { x, unusual }
    }
}

impl TrainingRows<'_> {
    #[track_caller]
    fn expect_whole(&self) {
        let rows = self.places.len();
        assert_eq!(self.target.len(), rows, "a target for each training row");
        assert_eq!(self.folds.len(), rows, "a fold for each training row");
    }

    /// The places of the rows that are learnt from, with their targets.
    fn learnt(&self) -> impl Iterator<Item = (usize, f64)> {
        let rows = self.places.iter().zip(self.target).zip(self.folds);
        rows.filter_map(|((&place, &y), fold)| fold.map(|_| (place as usize, y)))
    }
}

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

mod bound_table;
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
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::TableError;
use crate::numbers::six_digits;
use crate::table::TypedTable;
pub(crate) use bound_table::BoundTable;
pub use category::Category;
pub use column::{ColumnEncoding, Encoder};
pub use dates::Dates;
pub use level_means::{LevelMeans, LevelRows};
pub use missing::Missing;
pub(crate) use network_rows::{NetworkRows, reads_encoded};
pub use number::Number;
pub use oblique::Oblique;
use oblique::ObliquePlaces;
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
#[serde(try_from = "Stored", into = "Stored")]
pub struct Encoding {
    columns: Vec<ColumnEncoding>,
    /// What pairs of them tell, behind the inputs of all columns.
    oblique: Vec<Oblique>,
    // What follows from the two, found once for all rows.
    layout: Arc<InputLayout>,
    spans: Vec<Span>,
    places: ObliquePlaces,
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

impl TryFrom<Stored> for Encoding {
    type Error = &'static str;

    /// A file could say anything; only what can be computed with becomes an encoding.
    fn try_from(stored: Stored) -> Result<Encoding, Self::Error> {
        let (columns, oblique) = match stored {
            Stored::Columns(columns) => (columns, Vec::new()),
            Stored::WithPairs { columns, oblique } => (columns, oblique),
        };
        match are_sound(&columns, &oblique) {
            true => Ok(Encoding::new(columns, oblique)),
            false => Err("its encoding cannot be computed with"),
        }
    }
}

impl From<Encoding> for Stored {
    fn from(encoding: Encoding) -> Stored {
        let (columns, oblique) = (encoding.columns, encoding.oblique);
        match oblique.is_empty() {
            true => Stored::Columns(columns),
            false => Stored::WithPairs { columns, oblique },
        }
    }
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
    fn new(columns: Vec<ColumnEncoding>, oblique: Vec<Oblique>) -> Encoding {
        let (layout, spans) = laid_out(&columns, &oblique);
        Encoding {
            places: ObliquePlaces::of(&oblique, &spans, &layout),
            layout: InputLayout::new(layout),
            spans,
            columns,
            oblique,
        }
    }

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
        Ok(Encoding::new(columns, oblique))
    }

    /// Numbers shifted and scaled, a shift and a scale for each name.
    pub fn standardized(scales: impl IntoIterator<Item = (String, Standardize)>) -> Encoding {
        let encoding = |(name, scale)| ColumnEncoding::new(name, Encoder::Standardize(scale));
        Encoding::new(scales.into_iter().map(encoding).collect(), Vec::new())
    }

    /// The columns that are read, each with its encoder.
    pub fn columns(&self) -> &[ColumnEncoding] {
        &self.columns
    }

    /// The directions in which pairs of the columns are divided into bins.
    pub fn oblique(&self) -> &[Oblique] {
        &self.oblique
    }

    /// How many inputs the network has.
    pub fn inputs(&self) -> usize {
        self.layout.inputs()
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
    pub fn layout(&self) -> &Arc<InputLayout> {
        &self.layout
    }

    /// A network of these inputs, prepared for whoever lets it predict again and again.
    #[track_caller]
    pub(crate) fn prepare(&self, network: SimpleNeuralNetwork<f32>) -> PreparedNetwork<f32> {
        PreparedNetwork::new(network, reads_encoded(&self.layout).then_some(&self.layout))
    }

    /// Where encoded rows hold what is made of each column of the table.
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
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
        let mut unusual = self.unusual();
        let x = self.bind(table)?.encode(rows, Some(&mut unusual));
        Ok(Encoded { x, unusual })
    }

    /// The encoders beside the columns of a table, for whoever encodes it in parts.
    pub(crate) fn bind<'a>(&'a self, table: &'a TypedTable) -> Result<BoundTable<'a>, TableError> {
        BoundTable::new(self, table)
    }

    /// Nothing unusual in any of the columns.
    pub(crate) fn unusual(&self) -> Unusual {
        Unusual::in_columns(self.columns.iter().map(ColumnEncoding::name))
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
        let mut x = EncodedRows::zeros(&self.layout, places.len());
        let mut end = places.len();
        while end > 0 {
            let start = end.saturating_sub(at_a_time);
            let of_columns = told.iter().map(Option::as_deref);
            let bound = BoundTable::told(self, &table, of_columns)?;
            bound.write(&mut x, start, &places[start..end], None);
            if let Cow::Owned(table) = &mut table {
                table.truncate(places[start] as usize);
            }
            end = start;
        }
        self.fill_oblique(&mut x);
        Ok(x)
    }

    /// One row's way through the encoders, column by column.
    ///
    /// # Panics
    /// If the table has no such row.
    #[track_caller]
    pub fn explain(&self, table: &TypedTable, row: u32) -> Result<Vec<EncodedCell>, TableError> {
        let x = self.encode(table, &[row])?.x.to_dense();
        let scaled = |c: usize| f64::from(x[[0, self.spans[c].inputs.start]]);
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

    /// Writes the bins of all directions of pairs from the numbers that the rows hold.
    pub(crate) fn fill_oblique(&self, x: &mut EncodedRows<f32>) {
        self.places.fill(&self.oblique, x);
    }

    /// The same for rows that are written out.     (n, inputs)
    pub(crate) fn fill_oblique_of_matrix(&self, x: &mut Array2<f32>) {
        self.places.fill_matrix(&self.oblique, x);
    }
}

/// The columns of encoded rows: those that are made of each column of a table, which have a span each, and of pairs.
fn laid_out(columns: &[ColumnEncoding], oblique: &[Oblique]) -> (Vec<InputColumn>, Vec<Span>) {
    let (mut layout, mut inputs) = (Vec::new(), 0);
    let span = |encoding: &ColumnEncoding| {
        let start = (layout.len(), inputs);
        encoding.push_columns(&mut layout);
        inputs += encoding.inputs();
        Span {
            columns: start.0..layout.len(),
            inputs: start.1..inputs,
        }
    };
    let spans = columns.iter().map(span).collect();
    let of_pairs = oblique.iter().map(|oblique| oblique.bins().bins());
    layout.extend(of_pairs.map(InputColumn::Steps));
    (layout, spans)
}

/// Whether every encoder can be computed with.
fn are_sound(columns: &[ColumnEncoding], oblique: &[Oblique]) -> bool {
    let fits = |column: &InputColumn| (1..=MOST_INPUTS).contains(&column.inputs());
    let are_sound = !columns.is_empty()
        && columns.iter().all(ColumnEncoding::is_sound)
        && oblique.iter().all(|oblique| oblique.is_sound(columns));
    are_sound && {
        let (columns, _) = laid_out(columns, oblique);
        let inputs = columns.iter().map(|column| column.inputs()).sum::<usize>();
        columns.iter().all(fits) && u32::try_from(inputs).is_ok()
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

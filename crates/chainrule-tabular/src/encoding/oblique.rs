//! Bins at a slant: a pair of numbers by how far it has come in directions between their two axes.
//!
//! ```text
//! u = cos θ · z_a + sin θ · z_b        θ = 15°, 30°, …, 75° and 105°, 120°, …, 165° for five between two axes
//! ```
//!
//! `z` are the robust scales of the two, as the encoded row has them, and `u` gets [bins](PiecewiseLinear) like any
//! number. Bins along the axes alone make every edge parallel to one of them; a coast, or the border of a district,
//! runs as it likes. The pairs are those that [tell together](super::interaction) what neither of them tells alone.
//! Trees over turned axes are known to gain as well (Blaser & Fryzlewicz 2016, "Random Rotation Ensembles").

use chainrule::inputs::{EncodedRows, InputColumn};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::column::{ColumnEncoding, Encoder};
use super::interaction::{self, Binned};
use super::quantiles::Ordered;
use super::{EncodingSettings, PiecewiseLinear, RobustScale, Span, TrainingRows};
use crate::TableError;
use crate::table::{TypedTable, Values};

/// A pair of columns in one direction between their axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Oblique {
    /// Their places among the encoding's columns.
    columns: [usize; 2],
    /// cos θ and sin θ.
    weights: [f64; 2],
    bins: PiecewiseLinear,
}

impl Oblique {
    /// Bins for all pairs that tell together what neither of their numbers tells alone.
    pub(super) fn learn(
        table: &TypedTable,
        training: &TrainingRows,
        columns: &[ColumnEncoding],
        settings: &EncodingSettings,
    ) -> Result<Vec<Oblique>, TableError> {
        if settings.oblique == 0 {
            return Ok(Vec::new());
        }
        let numbers = columns.iter().filter_map(scale_of).count();
        let learnt: Vec<(usize, f64)> = training.learnt().collect();
        let Some(every) = interaction::every(learnt.len(), numbers) else {
            return Ok(Vec::new());
        };
        let looked_at: Vec<(usize, f64)> = learnt.iter().step_by(every).copied().collect();
        let mut all = Vec::new();
        for pair in telling_pairs(table, columns, &looked_at)? {
            let z = |c: usize| -> Result<Vec<f64>, TableError> {
                let scale = scale_of(&columns[c]).expect("only such numbers are paired");
                let values = table.numbers_of(columns[c].name())?;
                let scaled = learnt.iter().map(|&(row, _)| match values[row] {
                    x if x.is_nan() => 0.0,
                    x => f64::from(scale.apply(x)),
                });
                Ok(scaled.collect())
            };
            let (a, b) = (z(pair[0])?, z(pair[1])?);
            for weights in directions(settings.oblique) {
                let u = a.iter().zip(&b).map(|(&a, &b)| along(weights, [a, b]));
                let ordered = Ordered::of(u).expect("a pair of numbers has rows");
                let bins = PiecewiseLinear::learn(&ordered, settings.bins);
                all.extend(bins.map(|bins| Oblique {
                    columns: pair,
                    weights,
                    bins,
                }));
            }
        }
        Ok(all)
    }

    /// The two columns, by their places among the encoding's columns.
    pub fn columns(&self) -> [usize; 2] {
        self.columns
    }

    /// By how much each of the two counts: cos θ and sin θ.
    pub fn weights(&self) -> [f64; 2] {
        self.weights
    }

    /// The bins.
    pub fn bins(&self) -> &PiecewiseLinear {
        &self.bins
    }

    /// How far a pair has come in this direction, `u`, of the robust scales of its numbers.
    pub(super) fn along(&self, z: [f64; 2]) -> f64 {
        along(self.weights, z)
    }

    /// The direction in words.
    pub(super) fn name(&self, columns: &[ColumnEncoding]) -> String {
        let [a, b] = self.columns.map(|c| columns[c].name());
        let [u, v] = self.weights;
        // Of the two the cosine alone can be negative; the reader gets what is added first.
        match u < 0.0 {
            true => format!("{v:.2} {b} − {:.2} {a}", u.abs()),
            false => format!("{u:.2} {a} + {v:.2} {b}"),
        }
    }

    pub(super) fn is_sound(&self, columns: &[ColumnEncoding]) -> bool {
        let is_scaled = |&c: &usize| columns.get(c).is_some_and(|c| scale_of(c).is_some());
        self.columns.iter().all(is_scaled)
            && self.weights.iter().all(|weight| weight.abs() <= 1.0)
            && self.bins.is_sound()
    }
}

/// The robust scale of a column of numbers.
fn scale_of(column: &ColumnEncoding) -> Option<&RobustScale> {
    match column.encoder() {
        Encoder::Number(number) => number.scale(),
        _ => None,
    }
}

/// The pairs that tell together what neither number tells alone, by their places among `columns`, in rows that are
/// given with their targets.
fn telling_pairs(
    table: &TypedTable,
    columns: &[ColumnEncoding],
    rows: &[(usize, f64)],
) -> Result<Vec<[usize; 2]>, TableError> {
    let target: Vec<f64> = rows.iter().map(|&(_, y)| y).collect();
    let rows = || rows.iter().map(|&(row, _)| row);
    let (mut places, mut numbers, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (c, column) in columns.iter().enumerate() {
        let of_column = table.find(column.name())?;
        match of_column.values() {
            Values::Number(values) => {
                let values: Vec<f64> = rows().map(|row| values[row]).collect();
                let Some(binned) = Binned::of_numbers(&values) else {
                    continue;
                };
                if binned.has_many_values() && scale_of(column).is_some() {
                    places.push(c);
                    numbers.push(binned);
                } else {
                    others.push(binned);
                }
            }
            Values::Boolean(values) => {
                let code = |row: usize| values[row].map_or(2, u32::from);
                others.push(Binned::of_levels(rows().map(code), 2));
            }
            Values::Category(codes) => {
                let levels = of_column.levels().len();
                others.push(Binned::of_levels(rows().map(|row| codes[row]), levels));
            }
            Values::Time(times) => {
                let times: Vec<f64> = rows().map(|row| times[row] as f64).collect();
                others.extend(Binned::of_numbers(&times));
            }
            Values::LeftOut { .. } => {}
        }
    }
    let pairs = interaction::pairs(&numbers, &others, &target);
    Ok(pairs
        .into_iter()
        .map(|pair| pair.map(|nth| places[nth]))
        .collect())
}

/// So many directions between each axis and the next, as cosine and sine.
fn directions(between: usize) -> Vec<[f64; 2]> {
    let quarter = |start: f64| {
        (1..=between).map(move |k| {
            let angle = start + 90.0 * k as f64 / (between + 1) as f64;
            let (sine, cosine) = angle.to_radians().sin_cos();
            [cosine, sine]
        })
    };
    quarter(0.0).chain(quarter(90.0)).collect()
}

fn along(weights: [f64; 2], z: [f64; 2]) -> f64 {
    weights[0] * z[0] + weights[1] * z[1]
}

/// Where the rows of an encoding hold its directions, and what they are made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ObliquePlaces {
    /// Of each direction.
    places: Vec<Place>,
    /// Values of a row.
    values: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// The two numbers: which value of the row each is, and which input.
    values: [usize; 2],
    inputs: [usize; 2],
    /// The bins: which column of steps they are, and their first input.
    steps: usize,
    first: usize,
}

impl ObliquePlaces {
    /// Of rows whose columns are `layout`: those of the table's columns lie in `spans`, and behind them the directions.
    pub(super) fn of(oblique: &[Oblique], spans: &[Span], layout: &[InputColumn]) -> ObliquePlaces {
        let count = |until: usize, is_counted: fn(&InputColumn) -> bool| {
            let before = layout[..until].iter();
            before.filter(|column| is_counted(column)).count()
        };
        let is_value = |column: &InputColumn| *column == InputColumn::Value;
        let is_steps = |column: &InputColumn| matches!(column, InputColumn::Steps(_));
        let (columns, mut first) = spans
            .last()
            .map_or((0, 0), |last| (last.columns.end, last.inputs.end));
        let mut steps = count(columns, is_steps);
        let place = |oblique: &Oblique| {
            let of = oblique.columns.map(|c| &spans[c]);
            let place = Place {
                values: of.map(|span| count(span.columns.start, is_value)),
                inputs: of.map(|span| span.inputs.start),
                steps,
                first,
            };
            steps += 1;
            first += oblique.bins.bins();
            place
        };
        ObliquePlaces {
            places: oblique.iter().map(place).collect(),
            values: count(columns, is_value),
        }
    }

    /// Writes the bins of every row from the numbers that it holds.
    pub(super) fn fill(&self, oblique: &[Oblique], x: &mut EncodedRows<f32>) {
        for (oblique, place) in oblique.iter().zip(&self.places) {
            for row in 0..x.rows() {
                let values = &x.values()[row * self.values..][..self.values];
                let z = place.values.map(|nth| f64::from(values[nth]));
                let (bin, share) = oblique.bins.locate(oblique.along(z));
                x.set_steps(row, place.steps, bin, share);
            }
        }
    }

    /// The same for rows that are written out.     (n, inputs)
    pub(super) fn fill_matrix(&self, oblique: &[Oblique], x: &mut Array2<f32>) {
        for (oblique, place) in oblique.iter().zip(&self.places) {
            for mut row in x.rows_mut() {
                let z = place.inputs.map(|input| f64::from(row[input]));
                let (bin, share) = oblique.bins.locate(oblique.along(z));
                let row = row.as_slice_mut().expect("row-major");
                let inputs = &mut row[place.first..][..oblique.bins.bins()];
                inputs.fill(0.0);
                inputs[..bin].fill(1.0);
                inputs[bin] = share;
            }
        }
    }
}

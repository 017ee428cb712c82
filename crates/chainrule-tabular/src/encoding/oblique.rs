//! Bins at a slant: a pair of numbers by how far it has come in directions between their two axes.
//!
//! ```text
//! u = cos θ · z_a + sin θ · z_b        θ = 15°, 30°, …, 75° and 105°, 120°, …, 165° for five between two axes
//! ```
//!
//! `z` are the robust scales of the two, as the encoded row has them, and `u` gets [bins](PiecewiseLinear) like any
//! number. Bins along the axes alone make every edge parallel to one of them; a coast, or the border of a district, runs
//! as it likes. The pairs are those that [tell together](super::interaction) what neither of them tells alone. Trees
//! over turned axes are known to gain as well (Blaser & Fryzlewicz 2016, "Random Rotation Ensembles").

use chainrule::inputs::{EncodedRows, InputColumn};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::column::{ColumnEncoding, Encoder};
use super::interaction::{self, Binned};
use super::quantiles::Ordered;
use super::{EncodingSettings, PiecewiseLinear, TrainingRows};
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
        let scaled = |(c, column): (usize, &ColumnEncoding)| match column.encoder() {
            Encoder::Number(number) => number.scale().map(|scale| (c, *scale)),
            _ => None,
        };
        let numbers: Vec<_> = columns.iter().enumerate().filter_map(scaled).collect();
        let learnt = training.learnt_with_target();
        let Some(every) = interaction::every(learnt.len(), numbers.len()) else {
            return Ok(Vec::new());
        };
        let (rows, target): (Vec<usize>, Vec<f64>) = learnt.iter().step_by(every).copied().unzip();
        let (mut places, mut binned, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (c, column) in columns.iter().enumerate() {
            let of_column = table.find(column.name())?;
            let rows = || rows.iter().copied();
            match of_column.values() {
                Values::Number(values) => {
                    let values: Vec<f64> = rows().map(|row| values[row]).collect();
                    let Some(of_numbers) = Binned::of_numbers(&values) else {
                        continue;
                    };
                    if of_numbers.has_many_values() && scaled((c, column)).is_some() {
                        places.push(c);
                        binned.push(of_numbers);
                    } else {
                        others.push(of_numbers);
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
        let mut all = Vec::new();
        for pair in interaction::pairs(&binned, &others, &target) {
            let pair = pair.map(|nth| places[nth]);
            let values = |c: usize| -> Result<Vec<f64>, TableError> {
                let (_, scale) = numbers
                    .iter()
                    .find(|(place, _)| *place == c)
                    .expect("scaled");
                let values = table.numbers_of(columns[c].name())?;
                let scaled = learnt.iter().map(|&(row, _)| match values[row] {
                    x if x.is_nan() => 0.0,
                    x => f64::from(scale.apply(x)),
                });
                Ok(scaled.collect())
            };
            let (a, b) = (values(pair[0])?, values(pair[1])?);
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
        let sign = if v < 0.0 { '−' } else { '+' };
        // cos θ may be the negative one; the sign of the whole direction does not matter to a reader.
        match u < 0.0 {
            true => format!("{:.2} {b} − {:.2} {a}", v.abs(), u.abs()),
            false => format!("{u:.2} {a} {sign} {:.2} {b}", v.abs()),
        }
    }

    pub(super) fn is_sound(&self, columns: &[ColumnEncoding]) -> bool {
        let is_scaled = |&c: &usize| match columns.get(c).map(ColumnEncoding::encoder) {
            Some(Encoder::Number(number)) => number.scale().is_some(),
            _ => false,
        };
        self.columns.iter().all(is_scaled)
            && self.weights.iter().all(|weight| weight.abs() <= 1.0)
            && self.bins.is_sound()
    }
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

/// The directions of an encoding, and where its rows hold what they are made of.
#[derive(Clone, Debug)]
pub(crate) struct ObliquePlaces {
    directions: Vec<(Oblique, Place)>,
    /// Values of a row.
    values: usize,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The two numbers: which value of the row each is, and which input.
    values: [usize; 2],
    inputs: [usize; 2],
    /// The bins: which column of steps they are, and their first input.
    steps: usize,
    first: usize,
}

impl ObliquePlaces {
    /// The directions stand behind all columns of the table.
    pub(super) fn of(columns: &[ColumnEncoding], oblique: &[Oblique]) -> ObliquePlaces {
        let (mut inputs, mut of_column) = (Vec::new(), Vec::new());
        for column in columns {
            of_column.push(inputs.len());
            column.push_columns(&mut inputs);
        }
        let count = |until: usize, counts: fn(&InputColumn) -> usize| -> usize {
            inputs[..until].iter().map(counts).sum()
        };
        let is_value = |column: &InputColumn| usize::from(*column == InputColumn::Value);
        let is_steps = |column: &InputColumn| usize::from(matches!(column, InputColumn::Steps(_)));
        let all = inputs.len();
        let mut steps = count(all, is_steps);
        let mut first = count(all, |column| column.inputs());
        let place = |oblique: &Oblique| {
            let place = Place {
                values: oblique.columns.map(|c| count(of_column[c], is_value)),
                inputs: oblique
                    .columns
                    .map(|c| count(of_column[c], |column| column.inputs())),
                steps,
                first,
            };
            steps += 1;
            first += oblique.bins.bins();
            (oblique.clone(), place)
        };
        let directions = oblique.iter().map(place).collect();
        ObliquePlaces {
            directions,
            values: count(all, is_value),
        }
    }

    /// Writes the bins of every row from the numbers that it holds.
    pub(crate) fn fill(&self, x: &mut EncodedRows<f32>) {
        for (oblique, place) in &self.directions {
            for row in 0..x.rows() {
                let values = &x.values()[row * self.values..][..self.values];
                let z = place.values.map(|nth| f64::from(values[nth]));
                let (bin, share) = oblique.bins.locate(oblique.along(z));
                x.set_steps(row, place.steps, bin, share);
            }
        }
    }

    /// The same for rows that are written out.     (n, inputs)
    pub(crate) fn fill_matrix(&self, x: &mut Array2<f32>) {
        for (oblique, place) in &self.directions {
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

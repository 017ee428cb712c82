//! The places at which neurons and predictions are drawn: a line for one input, a square for two, and rows for more.

use chainrule_tabular::encoding::Encoding;
use chainrule_tabular::table::{
    Column, ColumnPlan, Form, Kind, RowLines, TypedTable, Values, plan::NumberFormat,
};
use ndarray::{Array2, Axis};
use serde::Serialize;

/// How many places a curve has, and how many a side of a surface.
const CURVE: usize = 61;
const SIDE: usize = 25;
/// How many rows stand for a table of more columns.
const ROWS: usize = 48;

/// An axis of a curve or surface, in the table's units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GridAxis {
    name: String,
    low: f64,
    high: f64,
}

/// The places, as the network reads them.
#[derive(Clone, Debug, Serialize)]
pub struct Grid {
    /// `curve`, `surface` or `rows`.
    pub kind: &'static str,
    /// The columns that it runs along; none for rows.
    pub axes: Vec<GridAxis>,
    /// How many places there are.
    pub points: usize,
    /// (points, inputs)
    #[serde(skip)]
    pub x: Array2<f32>,
}

impl Grid {
    /// For a table: along its columns if these are one or two columns of numbers, else some of the given rows.
    pub fn of(
        table: &TypedTable,
        encoding: &Encoding,
        x: &Array2<f32>,
        y: &Array2<f32>,
        rows: &[u32],
    ) -> Grid {
        let columns = encoding
            .columns()
            .iter()
            .map(|column| table.column(column.name()));
        let numbers: Option<Vec<&Column>> = columns
            .map(|column| column.filter(|c| c.kind() == Kind::Number && c.missing() == 0))
            .collect();
        match numbers {
            Some(numbers) if numbers.len() <= 2 => {
                let axes: Vec<GridAxis> = numbers.iter().map(|column| axis(column)).collect();
                let raw = places(&axes);
                let encoded = encoding.encode(
                    &table_of(&axes, &raw),
                    &Vec::from_iter(0..raw.nrows() as u32),
                );
                match encoded {
                    Ok(encoded) => Grid::along(axes, encoded.x.into_dense()),
                    Err(_) => Grid::rows(x, y, rows),
                }
            }
            _ => Grid::rows(x, y, rows),
        }
    }

    /// For inputs that are read as they are, two of them.
    pub fn plain(names: &[&str], x: &Array2<f32>) -> Grid {
        let axes = names.iter().zip(x.columns()).map(|(name, x)| GridAxis {
            name: (*name).to_owned(),
            low: f64::from(x.fold(f32::INFINITY, |m, &x| m.min(x))),
            high: f64::from(x.fold(f32::NEG_INFINITY, |m, &x| m.max(x))),
        });
        let axes: Vec<GridAxis> = axes.collect();
        let raw = places(&axes);
        Grid::along(axes, raw.mapv(|x| x as f32))
    }

    /// The columns that it runs along.
    pub fn axis_names(&self) -> impl Iterator<Item = &str> {
        self.axes.iter().map(|axis| axis.name.as_str())
    }

    fn along(axes: Vec<GridAxis>, x: Array2<f32>) -> Grid {
        Grid {
            kind: if axes.len() == 1 { "curve" } else { "surface" },
            points: x.nrows(),
            axes,
            x,
        }
    }

    /// Some of the rows, in the order of their targets.
    fn rows(x: &Array2<f32>, y: &Array2<f32>, rows: &[u32]) -> Grid {
        let count = rows.len().min(ROWS);
        let mut chosen: Vec<usize> = (0..count)
            .map(|k| rows[k * rows.len() / count] as usize)
            .collect();
        chosen.sort_by(|&a, &b| y[[a, 0]].total_cmp(&y[[b, 0]]));
        Grid {
            kind: "rows",
            axes: Vec::new(),
            points: count,
            x: x.select(Axis(0), &chosen),
        }
    }
}

fn axis(column: &Column) -> GridAxis {
    let numbers = column.numbers().unwrap_or_default();
    GridAxis {
        name: column.name().to_owned(),
        low: numbers.iter().copied().fold(f64::INFINITY, f64::min),
        high: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

/// The places in the table's units: the first column runs fastest, the second from high to low, as rows of a picture.
fn places(axes: &[GridAxis]) -> Array2<f64> {
    let at = |axis: &GridAxis, k: usize, of: usize| {
        axis.low + (axis.high - axis.low) * k as f64 / (of - 1) as f64
    };
    match axes {
        [x] => Array2::from_shape_fn((CURVE, 1), |(k, _)| at(x, k, CURVE)),
        _ => Array2::from_shape_fn((SIDE * SIDE, axes.len()), |(k, j)| match j {
            0 => at(&axes[0], k % SIDE, SIDE),
            _ => at(&axes[j], SIDE - 1 - k / SIDE, SIDE),
        }),
    }
}

fn table_of(axes: &[GridAxis], places: &Array2<f64>) -> TypedTable {
    let column = |(axis, values): (&GridAxis, ndarray::ArrayView1<f64>)| {
        let plan = ColumnPlan {
            name: axis.name.clone(),
            form: Form::Number(NumberFormat::default()),
        };
        Column::new(plan, Values::Number(values.to_vec()))
    };
    let mut lines = RowLines::default();
    (1..=places.nrows()).for_each(|line| lines.push(line as u64));
    TypedTable::new(
        "the places of a picture".to_owned(),
        axes.iter().zip(places.columns()).map(column).collect(),
        lines,
    )
}

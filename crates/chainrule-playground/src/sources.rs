//! Where rows come from: the embedded table, curves and surfaces, a table of one's own, and the lesson's worked
//! example.

use std::borrow::Cow;
use std::fmt::Write;

use chainrule_tabular::table::{Kind, ReadOptions, TypedTable};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// 442 patients, ten measurements and the progression of their disease a year later: data/README.md.
const DIABETES: &str = include_str!("../../../data/diabetes.csv");

/// How many rows a curve has, and how many a surface.
const CURVE_ROWS: usize = 120;
const SURFACE_ROWS: usize = 300;

/// What the rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A straight line, `y = x`.
    Line,
    /// A wave, `y = sin 3x`.
    #[default]
    Wave,
    /// A step from −1 to 1.
    Step,
    /// A saddle, `y = x₁ x₂`.
    Saddle,
    /// A ring, high in the middle distance.
    Ring,
    /// A plane with a fold.
    Fold,
    /// The embedded table of patients.
    Diabetes,
    /// The two rows of the worked example, with its weights.
    Example,
    /// A table of one's own.
    Own,
}

/// A table as it would lie in a file.
pub struct TableFile<'a> {
    pub name: &'a str,
    pub bytes: Cow<'a, [u8]>,
}

impl Source {
    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Source::Line => "a line",
            Source::Wave => "a wave",
            Source::Step => "a step",
            Source::Saddle => "a saddle",
            Source::Ring => "a ring",
            Source::Fold => "a fold",
            Source::Diabetes => "diabetes.csv",
            Source::Example => "the worked example",
            Source::Own => "your table",
        }
    }

    /// The height of a curve or surface; its inputs lie between −1 and 1.
    fn height(self, x: [f64; 2]) -> f64 {
        let [x1, x2] = x;
        match self {
            Source::Line => x1,
            Source::Wave => (3.0 * x1).sin(),
            Source::Step => {
                if x1 < 0.0 {
                    -1.0
                } else {
                    1.0
                }
            }
            Source::Saddle => 2.0 * x1 * x2,
            Source::Ring => (4.0 * x1.hypot(x2)).sin(),
            Source::Fold => (x1 + x2).abs() - 0.5,
            Source::Diabetes | Source::Example | Source::Own => 0.0,
        }
    }

    /// The table and the column to predict; None for the worked example, which is no table. `own` is the name of a
    /// table of one's own with the bytes of its file.
    pub fn table(
        self,
        target: &str,
        noise: f64,
        seed: u64,
        own: Option<(&str, &[u8])>,
    ) -> Result<Option<(TypedTable, String)>, String> {
        let target = match self {
            Source::Diabetes => "progression",
            Source::Own | Source::Example => target,
            _ => "y",
        };
        let file = self.file(noise, seed, own)?;
        let read = file.map(|file| read(&file.bytes, file.name, target));
        Ok(read.transpose()?.map(|table| (table, target.to_owned())))
    }

    /// The table as a file; None for the worked example.
    pub fn file<'a>(
        self,
        noise: f64,
        seed: u64,
        own: Option<(&'a str, &'a [u8])>,
    ) -> Result<Option<TableFile<'a>>, String> {
        let (name, bytes) = match self {
            Source::Example => return Ok(None),
            Source::Diabetes => (self.name(), Cow::Borrowed(DIABETES.as_bytes())),
            Source::Own => {
                let (name, bytes) =
                    own.ok_or("there is no table yet: drop a file on the page, or paste its rows")?;
                (name, Cow::Borrowed(bytes))
            }
            _ => (
                self.name(),
                Cow::Owned(self.synthetic(noise, seed).into_bytes()),
            ),
        };
        Ok(Some(TableFile { name, bytes }))
    }

    /// A curve or a surface as a table, with noise.
    fn synthetic(self, noise: f64, seed: u64) -> String {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = move || chance.next_u32() as f64 / (f64::from(u32::MAX) + 1.0);
        let is_curve = matches!(self, Source::Line | Source::Wave | Source::Step);
        let (head, rows) = match is_curve {
            true => ("x,y\n", CURVE_ROWS),
            false => ("x1,x2,y\n", SURFACE_ROWS),
        };
        let mut csv = head.to_owned();
        for _ in 0..rows {
            let x = [uniform() * 2.0 - 1.0, uniform() * 2.0 - 1.0];
            // Box and Muller's normal number.
            let normal =
                (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
            let y = self.height(x) + noise * normal;
            // Writing to a string cannot fail.
            let _ = match is_curve {
                true => writeln!(csv, "{:.4},{y:.4}", x[0]),
                false => writeln!(csv, "{:.4},{:.4},{y:.4}", x[0], x[1]),
            };
        }
        csv
    }
}

/// Reads a table as the command does.
pub fn read(bytes: &[u8], name: &str, target: &str) -> Result<TypedTable, String> {
    let options = ReadOptions {
        targets: Vec::from_iter((!target.is_empty()).then(|| target.to_owned())),
        ..ReadOptions::default()
    };
    let bytes = std::io::Cursor::new(bytes.to_vec());
    let read = TypedTable::from_reader(bytes, name, &options);
    read.map(|(table, _)| table)
        .map_err(|error| error.to_string())
}

/// A column of a table of one's own, before one of them is chosen to be predicted.
#[derive(Debug, PartialEq, Serialize)]
pub struct ColumnCard {
    name: String,
    kind: &'static str,
    missing: usize,
    /// Whether it can be predicted.
    numbers: bool,
}

/// The columns of a table of one's own, and how many rows it has.
pub fn columns(bytes: &[u8], name: &str) -> Result<(usize, Vec<ColumnCard>), String> {
    let table = read(bytes, name, "")?;
    let card = |column: &chainrule_tabular::table::Column| ColumnCard {
        name: column.name().to_owned(),
        kind: match column.kind() {
            Kind::Number => "numbers",
            Kind::Boolean => "yes or no",
            Kind::Category => "categories",
            Kind::Time => "dates",
            Kind::LeftOut => "left out",
        },
        missing: column.missing(),
        numbers: column.numbers().is_some(),
    };
    Ok((table.rows(), table.columns().iter().map(card).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_curve_and_surface() {
        for source in [Source::Wave, Source::Ring] {
            let curve = |seed| source.synthetic(0.1, seed);
            assert_eq!(curve(1), curve(1));
            assert_ne!(curve(1), curve(2));
        }
        let (table, target) = Source::Saddle.table("", 0.0, 1, None).unwrap().unwrap();
        assert_eq!((table.rows(), target.as_str()), (SURFACE_ROWS, "y"));
        let column = |name: &str| table.column(name).unwrap().numbers().unwrap().into_owned();
        let (x1, x2, y) = (column("x1"), column("x2"), column("y"));
        assert!((2.0 * x1[7] * x2[7] - y[7]).abs() < 1e-3);
    }

    #[test]
    fn columns_of_a_table_of_ones_own_say_what_they_are() {
        let (rows, cards) = columns(
            b"area,kind,price\n1.5,flat,3\n,house,4\n2.5,flat,6\n",
            "homes.csv",
        )
        .unwrap();
        assert_eq!(rows, 3);
        let kinds: Vec<_> = cards.iter().map(|card| (card.kind, card.missing)).collect();
        assert_eq!(kinds[0], ("numbers", 1));
        assert!(cards[0].numbers && !cards[1].numbers || cards[1].kind == "yes or no");
    }

    #[test]
    fn a_bad_table_is_refused_in_the_readers_words() {
        let error = Source::Own.table(
            "y",
            0.0,
            1,
            Some(("homes.csv", b"x,y\n1,2\n2,three\n3,4\n".as_slice())),
        );
        let error = error.unwrap_err();
        assert!(
            error.contains("homes.csv") && error.contains("line 3") && error.contains("three"),
            "{error}"
        );
        assert!(
            Source::Own
                .table("y", 0.0, 1, None)
                .unwrap_err()
                .contains("no table yet")
        );
    }
}

//! The format of a whole column: which of them reads most of its cells.

use std::collections::BTreeMap;

use super::super::plan::NumberFormat;
use super::magnitudes;
use super::written::{Written, read_written, take_apart};

/// All formats without their units, the simplest first.
pub(super) fn formats() -> Vec<NumberFormat> {
    let of = |decimal, group| NumberFormat {
        decimal,
        group,
        ..NumberFormat::default()
    };
    vec![
        of('.', None),
        of(',', None),
        of('.', Some(',')),
        of(',', Some('.')),
        of('.', Some(' ')),
        of(',', Some(' ')),
        of('.', Some('\'')),
        of(',', Some('\'')),
    ]
}

/// What stands in a column, as far as it matters for the format of its numbers.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Evidence {
    /// How many cells are plain numbers.
    pub plain: u64,
    /// Whether some of them have a point.
    pub points: bool,
    /// Whether some of these are certainly decimal points.
    pub decimal_points: bool,
    /// The other texts that are not missing, each once, with the number of its cells.
    pub others: Vec<(String, u64)>,
}

/// The formats that read most of a column, and what they read of it.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Candidates {
    /// The formats that read as many cells as any other, the simplest first.
    pub formats: Vec<NumberFormat>,
    /// How many cells they read.
    pub cells: u64,
}

impl Evidence {
    /// Looks for the formats that read most cells; `decimal` is the sign that the user named.
    pub(in super::super) fn candidates(&self, decimal: Option<char>) -> Candidates {
        let apart: Vec<(Option<Written<'_>>, u64)> = self
            .others
            .iter()
            .map(|(text, cells)| (take_apart(text), *cells))
            .collect();
        let magnitudes =
            magnitudes::are_in(apart.iter().filter_map(|(written, _)| written.as_ref()));
        let unit = usual_unit(&apart, self.plain, magnitudes);
        let mut best = Candidates {
            formats: Vec::new(),
            cells: 0,
        };
        for format in formats() {
            if decimal.is_some_and(|sign| sign != format.decimal) {
                continue;
            }
            let format = NumberFormat {
                unit: unit.clone(),
                magnitudes,
                ..format
            };
            let mut cells = if self.reads_plain(&format) {
                self.plain
            } else {
                0
            };
            for (written, count) in &apart {
                let Some(written) = written else { continue };
                let own = written.unit(magnitudes);
                if (own.is_empty() || Some(&own) == unit.as_ref())
                    && read_written(written, &format).is_some()
                {
                    cells += count;
                }
            }
            if cells > best.cells {
                best = Candidates {
                    formats: vec![format],
                    cells,
                };
            } else if cells == best.cells && cells > 0 {
                best.formats.push(format);
            }
        }
        best
    }

    /// Whether the column's plain numbers can be numbers of this format.
    fn reads_plain(&self, format: &NumberFormat) -> bool {
        match (format.decimal, format.group) {
            (',', Some('.')) => !self.decimal_points,
            (',', _) => !self.points,
            _ => true,
        }
    }
}

/// The unit that at least half of the numbers have; a rarer one is a slip.
fn usual_unit(
    apart: &[(Option<Written<'_>>, u64)],
    plain: u64,
    magnitudes: bool,
) -> Option<String> {
    let mut counts = BTreeMap::<String, u64>::new();
    let mut numbers = plain;
    for (written, cells) in apart {
        if let Some(written) = written {
            *counts.entry(written.unit(magnitudes)).or_default() += cells;
            numbers += cells;
        }
    }
    counts.remove("");
    let (unit, cells) = counts.into_iter().max_by_key(|(_, cells)| *cells)?;
    (2 * cells >= numbers).then_some(unit)
}

impl Candidates {
    /// The decimal sign, where the column leaves no doubt about it.
    pub(in super::super) fn decimal(&self) -> Option<char> {
        let first = self.formats.first()?.decimal;
        self.formats
            .iter()
            .all(|format| format.decimal == first)
            .then_some(first)
    }

    /// The simplest format with this decimal sign.
    pub(in super::super) fn with_decimal(&self, decimal: char) -> Option<&NumberFormat> {
        self.formats.iter().find(|format| format.decimal == decimal)
    }
}

/// A plain number as this format means it: in a column with decimal commas, 1.234 is a thousand and more.
pub(in super::super) fn plain_in(value: f64, format: &NumberFormat) -> f64 {
    if format.group == Some('.') && value.fract() != 0.0 {
        (value * 1000.0).round()
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Point, plain, read};
    use super::*;

    fn format_of(texts: &[&str], decimal: Option<char>) -> Candidates {
        let mut evidence = Evidence::default();
        for text in texts {
            match plain(text.as_bytes()) {
                Some(number) => {
                    evidence.plain += 1;
                    evidence.points |= number.point != Point::None;
                    evidence.decimal_points |= number.point == Point::Decimal;
                }
                None => evidence.others.push(((*text).to_owned(), 1)),
            }
        }
        evidence.candidates(decimal)
    }

    #[test]
    fn a_column_decides_what_its_commas_and_points_mean() {
        for (texts, decimal, first_value) in [
            (vec!["12,5", "13", "0,25"], Some(','), 12.5),
            (vec!["1.234,5", "12,5", "1.234"], Some(','), 1234.5),
            (vec!["1,234,567", "12,345"], Some('.'), 1_234_567.0),
            (vec!["1,234.5", "7.25"], Some('.'), 1234.5),
            (vec!["1.234.567", "3"], Some(','), 1_234_567.0),
            (vec!["1,234", "5,678"], None, f64::NAN),
            (vec!["0,123", "5,678"], Some(','), 0.123),
            (vec!["12,34,567", "1,234"], Some('.'), 1_234_567.0),
            (vec!["1 234,5", "7"], Some(','), 1234.5),
            (vec!["310'500.5", "7"], Some('.'), 310_500.5),
            (vec!["1\u{202f}234,50 €", "7,00 €"], Some(','), 1234.5),
        ] {
            let found = format_of(&texts, None);
            assert_eq!(found.decimal(), decimal, "{texts:?} {found:?}");
            assert_eq!(found.cells, texts.len() as u64, "{texts:?} {found:?}");
            if decimal.is_some() {
                assert_eq!(
                    read(texts[0], &found.formats[0]),
                    Some(first_value),
                    "{texts:?}"
                );
            }
        }
    }
}

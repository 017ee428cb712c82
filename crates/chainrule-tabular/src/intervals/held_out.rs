//! How often intervals hold rows that they were not learnt from.

use super::{IntervalCard, Intervals};
use crate::metrics::CoverageByThirds;

/// Into how many parts the rows are cut.
const PARTS: usize = 10;

impl Intervals {
    /// How often the kept rows lie within intervals of this level that were learnt from other rows of them.
    ///
    /// Each tenth of the rows is compared with intervals from the other nine tenths.
    ///
    /// # Panics
    /// If the level is not between 0 and 1.
    #[track_caller]
    pub fn held_out(&self, level: f64) -> CoverageByThirds {
        let rows = self.predictions.len();
        let mut bounds = vec![(f64::NAN, f64::NAN); rows];
        // The rows are in the order of their predictions: each part has low and high ones.
        for part in 0..PARTS.min(rows) {
            let Some(others) = self.without(part) else {
                continue;
            };
            let band = others.band(level);
            for row in (part..rows).step_by(PARTS) {
                bounds[row] = band.around(self.predictions[row]);
            }
        }
        let pairs = self.actual.iter().copied().zip(bounds);
        CoverageByThirds::in_order(&pairs.collect::<Vec<_>>())
    }

    /// Those of all rows but one part, if any are left.
    fn without(&self, part: usize) -> Option<Intervals> {
        let others = |values: &[f64]| -> Vec<f64> {
            let rows = values.iter().enumerate();
            rows.filter(|(row, _)| row % PARTS != part)
                .map(|(_, &value)| value)
                .collect()
        };
        let predictions = others(&self.predictions);
        let card = IntervalCard {
            rows: predictions.len(),
            ..self.card.clone()
        };
        (card.rows > 0).then(|| Intervals {
            card,
            predictions,
            actual: others(&self.actual),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;

    #[test]
    fn no_row_is_compared_with_an_interval_that_it_made() {
        // One error is far larger than all others. In its own interval it would lie.
        let errors: Vec<f64> = (0..9)
            .map(|row| if row == 4 { 100.0 } else { 1.0 })
            .collect();
        let intervals = Intervals::learn(&[0.0; 9], &errors, 1.0, Limits::default()).unwrap();
        let (_, upper) = intervals.band(0.99).around(0.0);
        assert_eq!(upper, 100.0);
        let found = intervals.held_out(0.99);
        assert_eq!((found.all.rows, found.all.within), (9, 8));

        let alone = Intervals::learn(&[0.0], &[1.0], 1.0, Limits::default()).unwrap();
        assert_eq!(alone.held_out(0.9).all.rows, 0);
    }
}

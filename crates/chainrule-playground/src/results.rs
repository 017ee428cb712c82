//! How good the network is: predictions beside what was measured, the curve or surface, the error.

use chainrule_tabular::Evaluation;
use ndarray::Axis;
use serde::Serialize;

use crate::session::Session;

/// How many points a picture has at most.
const MOST_POINTS: usize = 400;

/// How good the network is, in the target's units.
#[derive(Debug, Serialize)]
pub struct Results {
    /// The error of the rows that the network does not see, or of the others where it sees all.
    rmse: f64,
    r2: Option<f64>,
    /// Whether that is on unseen rows.
    of_unseen: bool,
    /// What was measured, what is predicted, the difference, and whether the network sees the row.
    points: Vec<(f64, f64, f64, bool)>,
    /// Where these points lie on the grid's axes, in the table's units.
    places: Vec<Vec<f64>>,
    /// What is predicted at the grid's places; none for rows.
    predicted: Vec<f64>,
}

impl Session {
    /// How good the network is.
    pub fn results(&self) -> Results {
        let judged = match self.unseen.is_empty() {
            true => &self.training,
            false => &self.unseen,
        };
        let evaluation = Evaluation::of(&self.actual(judged), &self.predicted(judged));
        let share = |rows: &[u32]| -> Vec<u32> {
            let all = self.training.len() + self.unseen.len();
            let most = (MOST_POINTS * rows.len()).div_ceil(all).min(rows.len());
            (0..most).map(|k| rows[k * rows.len() / most]).collect()
        };
        let (seen, unseen) = (share(&self.training), share(&self.unseen));
        let shown: Vec<u32> = seen.iter().chain(&unseen).copied().collect();
        let is_seen = (0..shown.len()).map(|k| k < seen.len());
        let actual_and_predicted = self.actual(&shown).into_iter().zip(self.predicted(&shown));
        let has_axes = self.grid.kind != "rows";
        let network = self.trainer.network();
        Results {
            rmse: evaluation.rmse,
            r2: evaluation.r2,
            of_unseen: !self.unseen.is_empty(),
            points: actual_and_predicted
                .zip(is_seen)
                .map(|((y, y_hat), seen)| (y, y_hat, y_hat - y, seen))
                .collect(),
            places: self.places(&shown),
            predicted: match has_axes {
                true => network
                    .predict(self.grid.x.view())
                    .iter()
                    .map(|&y| self.target.decode(y))
                    .collect(),
                false => Vec::new(),
            },
        }
    }

    /// What was measured in the given rows.
    fn actual(&self, rows: &[u32]) -> Vec<f64> {
        rows.iter()
            .map(|&row| self.target.decode(self.y[[row as usize, 0]]))
            .collect()
    }

    /// What is predicted for them.
    fn predicted(&self, rows: &[u32]) -> Vec<f64> {
        let rows: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
        let y_hat = self
            .trainer
            .network()
            .predict(self.x.select(Axis(0), &rows).view());
        y_hat
            .iter()
            .map(|&y_hat| self.target.decode(y_hat))
            .collect()
    }

    /// Where the rows lie on the grid's axes.
    fn places(&self, rows: &[u32]) -> Vec<Vec<f64>> {
        let Some((table, _)) = &self.origin else {
            let place = |&row: &u32| {
                self.x
                    .row(row as usize)
                    .iter()
                    .map(|&x| f64::from(x))
                    .collect()
            };
            return rows.iter().map(place).collect();
        };
        let with_target: Vec<usize> = {
            let target = table.numbers_of(self.target.name());
            let target = target.map(|y| y.into_owned()).unwrap_or_default();
            (0..target.len())
                .filter(|&row| !target[row].is_nan())
                .collect()
        };
        let columns = self
            .grid
            .axis_names()
            .map(|name| table.column(name).and_then(|c| c.numbers()));
        let columns: Vec<_> = columns.flatten().collect();
        let place = |&row: &u32| {
            columns
                .iter()
                .map(|column| column[with_target[row as usize]])
                .collect()
        };
        rows.iter().map(place).collect()
    }
}

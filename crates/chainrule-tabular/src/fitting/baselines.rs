//! Simpler models that a network should beat: the mean, and a straight line.

use ndarray::Array1;

use super::Fitting;
use crate::Evaluation;
use crate::metrics::Ridge;
use crate::regressor::ROWS_AT_A_TIME;

/// Root mean square errors of models that a network should beat, learnt from the rows that it learnt from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baselines {
    /// Of always predicting the mean of the training rows.
    pub mean: f64,
    /// Of ridge regression on the same columns, without bins; None for tables so wide that it would take long.
    pub ridge: Option<f64>,
}

/// The errors over all splits of the rows, and in each.
#[derive(Debug)]
pub(super) struct Simpler {
    all: Baselines,
    splits: Vec<Baselines>,
}

impl Fitting {
    /// Simpler models on the rows that the networks do not see, or on the training rows where none are kept. They are
    /// learnt when they are first asked for.
    pub fn baselines(&self) -> Baselines {
        self.simpler().all
    }

    /// The same in each split of the rows.
    pub(super) fn baselines_of_splits(&self) -> &[Baselines] {
        &self.simpler().splits
    }

    fn simpler(&self) -> &Simpler {
        self.simpler.get_or_init(|| self.learn_simpler())
    }

    /// Each is learnt from the rows of a split and judged on those that the split leaves out.
    fn learn_simpler(&self) -> Simpler {
        let (mut actual, mut means, mut planes) = (Vec::new(), Vec::new(), Some(Vec::new()));
        let mut splits = Vec::new();
        for split in &self.rows.splits {
            let train = split.train();
            let left_out = match split.unseen.as_slice() {
                [] => &train,
                unseen => unseen,
            };
            let measured = self.rows.targets_of(left_out);
            let (mean, plane) = self.predict_simply(&train, left_out);
            let mean = vec![mean; measured.len()];
            let rmse = |predicted: &Vec<f64>| Evaluation::of(&measured, predicted).rmse;
            splits.push(Baselines {
                mean: rmse(&mean),
                ridge: plane.as_ref().map(rmse),
            });
            actual.extend(measured);
            means.extend(mean);
            planes = planes.zip(plane).map(|(mut planes, plane)| {
                planes.extend(plane);
                planes
            });
        }
        let rmse = |predicted: &Vec<f64>| Evaluation::of(&actual, predicted).rmse;
        let all = Baselines {
            mean: rmse(&means),
            ridge: planes.as_ref().map(rmse),
        };
        Simpler { all, splits }
    }

    /// The mean of some rows, and what ridge regression on them says of others.
    fn predict_simply(&self, train: &[u32], others: &[u32]) -> (f64, Option<Vec<f64>>) {
        let targets = self.rows.targets_of(train);
        let n = targets.len() as f64;
        let mean = targets.iter().map(|y| y / n).sum::<f64>();
        let data = &self.bags[0].data;
        let (scale, plain) = (&data.target, data.encoding.plain_inputs());
        let y = Array1::from_iter(targets.iter().map(|&y| scale.encode(y)));
        let x = |rows: &[u32]| data.x().plain(rows, &plain);
        let ridge = Ridge::fit(y.view(), |rows| x(&train[rows]));
        let plane = ridge.map(|ridge| {
            let predicted = others
                .chunks(ROWS_AT_A_TIME)
                .flat_map(|rows| ridge.predict(x(rows).view()));
            predicted.map(|y| scale.decode(y)).collect()
        });
        (mean, plane)
    }
}

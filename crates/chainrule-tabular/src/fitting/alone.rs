//! A network that stands alone, lent to whoever trains it step by step, and taken back.

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{Trainer, TrainingSettings};
use ndarray::Array2;

use super::Fitting;
use super::member::Member;
use crate::encoding::{Encoding, TargetScale};

/// What the training of a network that stands alone begins with.
#[derive(Clone, Debug)]
pub struct Alone {
    /// The network with its initial weights.
    pub network: SimpleNeuralNetwork<f32>,
    /// What its training is told.
    pub settings: TrainingSettings,
    /// The rows that can be learnt from, as the network reads them.     (n, inputs)
    pub x: Array2<f32>,
    /// What it should answer.     (n, 1)
    pub y: Array2<f32>,
    /// Which of these rows it learns from.
    pub training: Vec<u32>,
    /// Which are kept to judge it by.
    pub unseen: Vec<u32>,
    /// How the columns become inputs.
    pub encoding: Encoding,
    /// How the target is scaled.
    pub target: TargetScale,
}

impl Fitting {
    /// What the training of a network that stands alone begins with; None for bags, and where rows have weights.
    pub fn alone(&self) -> Option<Alone> {
        let ([bag], [split]) = (self.bags.as_slice(), self.rows.splits.as_slice()) else {
            return None;
        };
        if self.rows.weights.is_some() {
            return None;
        }
        let (network, settings) = bag.data.begin(bag.data.first());
        Some(Alone {
            network,
            settings,
            x: bag.data.x().clone().into_dense(),
            y: bag.data.y().clone(),
            training: split.train(),
            unseen: split.unseen.clone(),
            encoding: bag.data.encoding.clone(),
            target: bag.data.target.clone(),
        })
    }

    /// Puts what a trainer has come to in the place of the network that stands alone, with what the trainer was told:
    /// as if it had been trained here.
    ///
    /// # Panics
    /// If its network has another number of parameters than [`alone`](Self::alone) gave it.
    #[track_caller]
    pub fn take_back(&mut self, trainer: &Trainer<f32>) {
        let bag = &mut self.bags[0];
        let (network, _) = bag.data.begin(bag.data.first());
        let (found, expected) = (
            trainer.network().parameter_count(),
            network.parameter_count(),
        );
        assert_eq!(found, expected, "parameters of the trainer's network");
        let settings = trainer.settings().clone();
        self.composition.bags[0].training = settings.clone();
        bag.data.settings.training = settings.clone();
        let trainer = Trainer::resume(trainer.network().clone(), settings, trainer.state());
        bag.members[0] = Member::Training(Box::new(trainer));
        self.unseen.take();
    }
}

#[cfg(test)]
mod tests {
    use chainrule::training::{Control, Dataset};

    use crate::table::{ReadOptions, TypedTable};
    use crate::{Composition, Fitting, RegressorSettings};

    fn table() -> TypedTable {
        let csv: String = (0..40)
            .map(|i| format!("{},{}\n", 0.5 * f64::from(i), (i * i) % 17))
            .collect();
        let csv = std::io::Cursor::new(format!("x,y\n{csv}"));
        TypedTable::from_reader(csv, "points.csv", &ReadOptions::default())
            .unwrap()
            .0
    }

    #[test]
    fn a_network_trained_elsewhere_is_the_one_that_is_trained_here() {
        let table = table();
        let mut settings = RegressorSettings {
            hidden: vec![5],
            ..RegressorSettings::default()
        };
        settings.training.epochs = 3;
        let mut here = Fitting::new(&table, "y", settings.clone()).unwrap();
        let mut lent = Fitting::new(&table, "y", settings).unwrap();
        here.run(&mut |_| Control::Continue).unwrap();

        let alone = lent.alone().unwrap();
        let data = Dataset::new(alone.x.view(), alone.y.view(), None);
        let (train, unseen) = (data.select(&alone.training), data.select(&alone.unseen));
        let mut trainer = chainrule::training::Trainer::new(alone.network, alone.settings);
        trainer
            .fit(&train, Some(&unseen), &mut |_| Control::Continue)
            .unwrap();
        lent.take_back(&trainer);
        let (a, b) = (here.regressor(), lent.regressor());
        assert_eq!(a.network(), b.network());
        assert_eq!(a.history(), b.history());
        assert_eq!(a.predict(&table).unwrap(), b.predict(&table).unwrap());
    }

    #[test]
    fn bags_have_no_network_that_stands_alone() {
        let composition = Composition {
            folds: 3,
            ..Composition::from(RegressorSettings::default())
        };
        assert!(
            Fitting::new(table(), "y", composition)
                .unwrap()
                .alone()
                .is_none()
        );
    }
}

//! What the page is told: the data, the network, and how it is trained. The page's address holds the same, in the same
//! words.

use chainrule::loss_functions::Loss;
use chainrule::optimizers::Optimizer;
use chainrule::training::TrainingSettings;
use chainrule_tabular::{Activations, RegressorSettings};
use serde::{Deserialize, Serialize};

use crate::sources::Source;

/// The widest layer that a page has room to draw.
pub const MOST_NEURONS: usize = 32;
/// The most hidden layers that a page has room to draw.
pub const MOST_LAYERS: usize = 6;

/// No training on a page comes to an end by itself.
const WITHOUT_END: usize = 1_000_000_000;

/// Everything that decides, with the table, which network is trained and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where the rows come from.
    pub data: Source,
    /// The column to predict, of a table of one's own.
    pub target: String,
    /// The standard deviation of the noise on curves and surfaces, whose values are of size 1.
    pub noise: f64,
    /// Which share of the rows the network does not learn from.
    pub held_out: f64,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Their activation function, in the core's words, or one for each, with commas between.
    pub activation: String,
    /// What the training makes small, in the core's words.
    pub loss: String,
    /// The update rule, by the name that the command uses.
    pub optimizer: String,
    /// The learning rate.
    pub learning_rate: f64,
    /// Rows per step; 0 for all.
    pub batch_size: usize,
    /// `λ` of the penalty on large weights.
    pub penalty: f64,
    /// Decides the initial weights, the held-out rows, the order of the rows and the noise.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            data: Source::Wave,
            target: String::new(),
            noise: 0.1,
            held_out: 0.2,
            hidden: vec![4, 4],
            activation: "tanh".to_owned(),
            loss: "mean_square_error".to_owned(),
            optimizer: "adam".to_owned(),
            learning_rate: 0.01,
            batch_size: 16,
            penalty: 0.0,
            seed: 1,
        }
    }
}

/// The update rules by the names that the command uses, each with its equation.
pub const OPTIMIZERS: [(&str, Optimizer, &str, &str); 5] = [
    (
        "gradient_descent",
        Optimizer::GradientDescent,
        "O1",
        "p ← p − η g",
    ),
    (
        "momentum",
        Optimizer::Momentum { momentum: 0.9 },
        "O2",
        "d ← β d + g,  p ← p − η d",
    ),
    (
        "nesterov",
        Optimizer::Nesterov { momentum: 0.9 },
        "O3",
        "d ← β d + g,  p ← p − η (g + β d)",
    ),
    ("adam", Optimizer::ADAM, "O4", "p ← p − η m̂ / (√v̂ + ε)"),
    (
        "adam_w",
        Optimizer::ADAM_W,
        "O5",
        "p ← p − η · decay · p, then O4",
    ),
];

impl Settings {
    /// The settings of a text in JSON.
    pub fn parse(json: &str) -> Result<Settings, String> {
        serde_json::from_str(json).map_err(|error| format!("the settings cannot be read: {error}"))
    }

    /// The activation functions.
    pub fn activation(&self) -> Result<Activations, String> {
        self.activation.parse().map_err(|error| format!("{error}"))
    }

    /// The loss.
    pub fn loss(&self) -> Result<Loss, String> {
        self.loss.parse().map_err(|error| format!("{error}"))
    }

    /// The update rule with its number and equation.
    pub fn optimizer(&self) -> Result<(Optimizer, &'static str, &'static str), String> {
        let found = OPTIMIZERS
            .into_iter()
            .find(|(name, ..)| *name == self.optimizer);
        let found = found.map(|(_, rule, number, formula)| (rule, number, formula));
        found.ok_or_else(|| format!("\"{}\" is not an optimizer of this page", self.optimizer))
    }

    /// What the training is told.
    pub fn training(&self) -> Result<TrainingSettings, String> {
        let training = TrainingSettings {
            epochs: WITHOUT_END,
            batch_size: (self.batch_size > 0).then_some(self.batch_size),
            optimizer: self.optimizer()?.0,
            learning_rate: self.learning_rate,
            l2_penalty: self.penalty,
            seed: self.seed,
            ..TrainingSettings::default()
        };
        training.validate_new().map_err(|error| error.to_string())?;
        Ok(training)
    }

    /// The same for a table, in the words of the command.
    pub fn regressor(&self) -> Result<RegressorSettings, String> {
        self.expect_drawable()?;
        Ok(RegressorSettings {
            hidden: self.hidden.clone(),
            activation: self.activation()?,
            loss: self.loss()?,
            validation_fraction: self.held_out,
            training: self.training()?,
            ..RegressorSettings::default()
        })
    }

    /// Refuses networks that a page has no room to draw.
    pub fn expect_drawable(&self) -> Result<(), String> {
        if self.hidden.len() > MOST_LAYERS {
            return Err(format!(
                "{} hidden layers are more than this page can draw: it has room for {MOST_LAYERS}",
                self.hidden.len()
            ));
        }
        match self.hidden.iter().find(|width| **width > MOST_NEURONS) {
            None => Ok(()),
            Some(width) => Err(format!(
                "a layer of {width} neurons is wider than this page can draw: it has room for {MOST_NEURONS}"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_from_their_text_as_they_were() {
        let settings = Settings {
            hidden: vec![3],
            ..Settings::default()
        };
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(Settings::parse(&text).unwrap(), settings);
        assert_eq!(Settings::parse("{}").unwrap(), Settings::default());
    }

    #[test]
    fn settings_without_meaning_are_refused_with_what_was_found() {
        let refused = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.regressor().unwrap_err()
        };
        assert!(
            refused(|s| s.activation = "sine".into()).contains("\"sine\" is not an activation")
        );
        assert!(refused(|s| s.activation = "tanh,sine".into()).contains("\"sine\""));
        assert!(refused(|s| s.loss = "hinge".into()).contains("\"hinge\""));
        assert!(refused(|s| s.optimizer = "lbfgs".into()).contains("\"lbfgs\""));
        assert!(refused(|s| s.hidden = vec![33]).contains("33 neurons"));
        assert!(refused(|s| s.hidden = vec![1; 7]).contains("7 hidden layers"));
        assert!(refused(|s| s.learning_rate = -1.0).contains("-1"));
        assert!(
            Settings::parse("{\"hidden\": \"four\"}")
                .unwrap_err()
                .contains("cannot be read")
        );
    }
}

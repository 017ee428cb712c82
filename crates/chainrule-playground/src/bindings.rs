//! What the page calls: one object, whose methods take and give JSON or plain arrays.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::mistakes::{self, Mistake};
use crate::session::Session;
use crate::settings::{OPTIMIZERS, Settings};
use crate::walk::Walk;

/// A training on a page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Playground {
    session: Session,
    /// The step that is being looked at.
    walk: Option<Walk>,
}

fn json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

#[wasm_bindgen]
impl Playground {
    /// Prepares a training; `table` holds the bytes of a table of one's own, and `name` is the name of its file.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, table: Option<Vec<u8>>, name: &str) -> Result<Playground, String> {
        let settings = Settings::parse(settings)?;
        let own = table.as_deref().map(|bytes| (name, bytes));
        let session = Session::new(settings, own)?;
        Ok(Playground {
            session,
            walk: None,
        })
    }

    /// What the page needs to know once.
    pub fn describe(&self) -> Result<String, String> {
        json(&self.session.describe()?)
    }

    /// Where the training stands.
    pub fn state(&self) -> Result<String, String> {
        json(&self.session.state())
    }

    /// The losses of each epoch from the given one on.
    pub fn history(&self, from: usize) -> Result<String, String> {
        json(&self.session.history(from))
    }

    /// Trains for so many steps.
    pub fn train(&mut self, steps: u32) -> Result<(), String> {
        self.walk = None;
        self.session.train(u64::from(steps))
    }

    /// Trains to the end of the epoch.
    pub fn train_epoch(&mut self) -> Result<(), String> {
        self.walk = None;
        self.session.train_epoch()
    }

    /// Takes the training back to its first weights.
    pub fn rewind(&mut self) {
        self.walk = None;
        self.session.rewind();
    }

    /// Overwrites one number of the parameters.
    pub fn set_parameter(&mut self, index: usize, value: f32) -> Result<(), String> {
        self.walk = None;
        self.session.set_parameter(index, value)
    }

    /// Overwrites all parameters.
    pub fn set_parameters(&mut self, values: Vec<f32>) -> Result<(), String> {
        self.walk = None;
        self.session.set_parameters(values)
    }

    /// Goes on with another learning rate and another penalty.
    pub fn retune(&mut self, learning_rate: f64, penalty: f64) -> Result<(), String> {
        self.walk = None;
        self.session.retune(learning_rate, penalty)
    }

    /// What every neuron computes, neuron by neuron.
    pub fn neurons(&self) -> Vec<f32> {
        self.session.neurons()
    }

    /// The neurons that no longer learn.
    pub fn marks(&self) -> Result<String, String> {
        json(&self.session.marks())
    }

    /// How good the network is.
    pub fn results(&self) -> Result<String, String> {
        json(&self.session.results())
    }

    /// The next step, equation by equation.
    pub fn walk(&mut self) -> Result<String, String> {
        let walk = self.session.walk()?;
        let views = json(&walk.view())?;
        self.walk = Some(walk);
        Ok(views)
    }

    /// How an entry of a step's result comes about.
    pub fn entry(&self, step: usize, row: usize, column: usize) -> Result<String, String> {
        let steps = self.walk.as_ref().map(|walk| walk.steps.as_slice());
        let step = steps
            .and_then(|steps| steps.get(step))
            .ok_or("no step is being looked at")?;
        json(&step.entry(row, column)?)
    }

    /// Every number of the step that is being looked at, as CSV.
    pub fn walk_csv(&self) -> Result<String, String> {
        let walk = self.walk.as_ref().ok_or("no step is being looked at")?;
        Ok(walk.csv())
    }

    /// The gradient check, with a mistake planted or without.
    pub fn check(&self, mistake: Option<String>) -> Result<String, String> {
        let mistake = mistake.map(|name| serde_json::from_value(serde_json::Value::String(name)));
        let mistake: Option<Mistake> = mistake.transpose().map_err(|error| error.to_string())?;
        json(&self.session.check(mistake)?)
    }

    /// The bytes of the command's model file.
    pub fn model_file(&mut self) -> Result<Vec<u8>, String> {
        self.session.model_file()
    }

    /// Opens a model file of the command, called `name`, on the data of these settings.
    pub fn open(
        settings: &str,
        table: Option<Vec<u8>>,
        table_name: &str,
        model: &[u8],
        name: &str,
    ) -> Result<Playground, String> {
        let settings = Settings::parse(settings)?;
        let own = table.as_deref().map(|bytes| (table_name, bytes));
        let session = Session::open(&settings, own, model, name)?;
        Ok(Playground {
            session,
            walk: None,
        })
    }
}

/// The columns that a model file of the command needs.
#[wasm_bindgen]
pub fn model(bytes: &[u8], name: &str) -> Result<String, String> {
    json(&crate::opening::model_card(bytes, name)?)
}

/// The rows and columns of a table of one's own.
#[wasm_bindgen]
pub fn columns(table: &[u8], name: &str) -> Result<String, String> {
    json(&crate::sources::columns(table, name)?)
}

/// A choice of the page, with what is said of it.
#[derive(Serialize)]
struct Choice {
    name: String,
    words: String,
}

/// What can be chosen.
#[derive(Serialize)]
struct Choices {
    activations: Vec<Choice>,
    losses: Vec<Choice>,
    optimizers: Vec<Choice>,
    mistakes: Vec<(Mistake, &'static str, &'static str)>,
}

/// The activations, losses, optimizers and mistakes that can be chosen.
#[wasm_bindgen]
pub fn choices() -> Result<String, String> {
    use chainrule::activation_functions::Activation;
    use chainrule::loss_functions::Loss;
    let activation = |activation: Activation| Choice {
        name: activation.to_string(),
        words: format!("{}  {}", activation.number(), activation.formula()),
    };
    let loss = |loss: Loss| Choice {
        name: loss.to_string(),
        words: format!("{}  {}", loss.number(), loss.formulas().0),
    };
    json(&Choices {
        activations: Activation::ALL.map(activation).into(),
        losses: Loss::ALL.map(loss).into(),
        optimizers: OPTIMIZERS
            .map(|(name, _, number, formula)| Choice {
                name: name.to_owned(),
                words: format!("{number}  {formula}"),
            })
            .into(),
        mistakes: mistakes::ALL.into(),
    })
}

//! A network alone in the form of a model file, of any precision, any number of outputs and any activations: for what
//! has no columns, and for copies that another process takes over, such as pickles.

use std::path::Path;

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Architecture, HiddenLayer, Init, SimpleNeuralNetwork};
use chainrule::training::EpochRecord;
use serde::{Deserialize, Serialize};

use super::container::{self, Element, Kind, Number, Tensors};
use super::{ModelFileError, Problem, layer_tensors, open, store, take_network, weights_name};
use crate::limits::{MOST_HIDDEN_LAYERS, at_most};

/// A network in the precision in which it was stored.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyNetwork {
    /// Single precision.
    Single(SimpleNeuralNetwork<f32>),
    /// Double precision.
    Double(SimpleNeuralNetwork<f64>),
}

/// A network that came back, and how it was trained.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredNetwork {
    /// The network.
    pub network: AnyNetwork,
    /// One record for each epoch of its last training.
    pub history: Vec<EpochRecord>,
    /// A name for each input, or none at all.
    pub columns: Vec<String>,
}

/// What the bytes say of the network beside its weights.
#[derive(Serialize, Deserialize)]
struct NetworkCard {
    double_precision: bool,
    #[serde(deserialize_with = "at_most::<_, _, MOST_HIDDEN_LAYERS>")]
    activations: Vec<Activation>,
    loss: Loss,
    history: Vec<EpochRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
}

/// Writes a network as a whole, or leaves what was there; `columns` names its inputs, or is empty.
///
/// # Errors
///
/// If the file cannot be written, or the network could not be read again.
pub fn save_network<R: Element>(
    network: &SimpleNeuralNetwork<R>,
    history: &[EpochRecord],
    columns: &[String],
    path: &Path,
) -> Result<(), ModelFileError> {
    let bytes = network_to_bytes(network, history, columns);
    store(path, bytes, |bytes| network_from_bytes(bytes).map(drop))
}

/// Reads a network that [`save_network`] wrote.
///
/// # Errors
///
/// If the file cannot be read, was changed, or is something else.
pub fn load_network(path: &Path) -> Result<StoredNetwork, ModelFileError> {
    open(path, network_from_bytes)
}

/// The bytes of a network. The weights need not be finite.
///
/// # Errors
///
/// If a parameter of an activation or of the loss cannot be written.
pub fn network_to_bytes<R: Element>(
    network: &SimpleNeuralNetwork<R>,
    history: &[EpochRecord],
    columns: &[String],
) -> Result<Vec<u8>, Problem> {
    if network.hidden().len() > MOST_HIDDEN_LAYERS {
        let message = format!("it has more than {MOST_HIDDEN_LAYERS} hidden layers");
        return Err(Problem::NotSaved(message));
    }
    let card = NetworkCard {
        double_precision: R::DTYPE == f64::DTYPE,
        activations: network.hidden().iter().map(|l| l.activation).collect(),
        loss: network.loss(),
        history: history.to_vec(),
        columns: columns.to_vec(),
    };
    container::encode(Kind::Network, &card, &layer_tensors(network, ""))
}

/// The network of such bytes, to the last bit.
///
/// # Errors
///
/// If the bytes are not those of a network, or were changed since they were written.
pub fn network_from_bytes(bytes: &[u8]) -> Result<StoredNetwork, Problem> {
    let (card, tensors): (NetworkCard, _) = container::decode(Kind::Network, bytes)?;
    let network = if card.double_precision {
        AnyNetwork::Double(network_of(&card, tensors)?)
    } else {
        AnyNetwork::Single(network_of(&card, tensors)?)
    };
    let inputs = match &network {
        AnyNetwork::Single(network) => network.inputs(),
        AnyNetwork::Double(network) => network.inputs(),
    };
    if ![0, inputs].contains(&card.columns.len()) {
        return Err(Problem::damaged("it does not name each of its inputs"));
    }
    Ok(StoredNetwork {
        network,
        history: card.history,
        columns: card.columns,
    })
}

fn network_of<R: Element>(
    card: &NetworkCard,
    mut tensors: Tensors<'_>,
) -> Result<SimpleNeuralNetwork<R>, Problem> {
    let architecture = architecture_of(card, &tensors)?;
    let network = take_network(&architecture, "", &mut tensors)?;
    tensors.expect_none_left()?;
    Ok(network)
}

/// What the network looks like: its activations and its loss are in the card, its widths are those of its tensors.
fn architecture_of(card: &NetworkCard, tensors: &Tensors<'_>) -> Result<Architecture, Problem> {
    let depth = card.activations.len();
    let mut widths = Vec::with_capacity(depth + 2);
    for layer in 0..=depth {
        let w = weights_name(layer, depth);
        let (outputs, inputs) = match tensors.shape(&w) {
            Some(&[outputs, inputs]) if widths.last().is_none_or(|&below| below == inputs) => {
                (outputs, inputs)
            }
            shape => {
                let message =
                    format!("tensor {w} with the shape {shape:?} does not fit the others");
                return Err(Problem::damaged(message));
            }
        };
        if outputs == 0 || inputs == 0 {
            return Err(Problem::damaged(format!("tensor {w} is empty")));
        }
        if layer == 0 {
            widths.push(inputs);
        }
        widths.push(outputs);
    }
    let hidden = card.activations.iter().zip(&widths[1..]);
    Ok(Architecture {
        inputs: widths[0],
        hidden: hidden
            .map(|(&activation, &neurons)| HiddenLayer {
                neurons,
                activation,
            })
            .collect(),
        outputs: widths[depth + 1],
        loss: card.loss,
        init: Init::default(),
    })
}

#[cfg(test)]
mod tests {
    use chainrule::Real;

    use super::*;

    fn network<R: Element>() -> SimpleNeuralNetwork<R> {
        let mut network = SimpleNeuralNetwork::builder(3)
            .dense(4, Activation::LeakyReLU { leakiness: 0.2 })
            .dense(2, Activation::Tanh)
            .out(2)
            .loss(Loss::Huber { delta: 1.5 })
            .init(Init::He)
            .build(5);
        network.parameters_mut().for_each(|p| p[0] = R::nan());
        network
    }

    /// Every number's bits, NaN included.
    fn bits<R: Element>(network: &SimpleNeuralNetwork<R>) -> Vec<u64> {
        let numbers = network.parameters().flatten();
        numbers.map(|&p| Real::to_f64(p).to_bits()).collect()
    }

    #[test]
    fn networks_come_back_to_the_last_bit() {
        let (single, double) = (network::<f32>(), network::<f64>());
        let again = network_from_bytes(&network_to_bytes(&single, &[], &[]).unwrap()).unwrap();
        let AnyNetwork::Single(again) = again.network else {
            panic!("it was in single precision")
        };
        assert_eq!(bits(&again), bits(&single));
        assert_eq!(again.describe(), single.describe());
        let again = network_from_bytes(&network_to_bytes(&double, &[], &[]).unwrap()).unwrap();
        let AnyNetwork::Double(again) = again.network else {
            panic!("it was in double precision")
        };
        assert_eq!(bits(&again), bits(&double));
        assert_eq!(again.describe(), double.describe());
    }

    #[test]
    fn a_file_of_a_network_is_no_model_and_keeps_the_history() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network");
        let history = [EpochRecord {
            epoch: 1,
            training_loss: 0.1 + 0.2,
            validation_loss: None,
            learning_rate: 1e-3,
        }];
        let columns = ["a", "b", "c"].map(str::to_owned);
        save_network(&network::<f64>(), &history, &columns, &path).unwrap();
        let again = load_network(&path).unwrap();
        assert_eq!(again.history, history);
        assert_eq!(again.columns, columns);
        let unnamed = save_network(&network::<f64>(), &history, &columns[..2], &path).unwrap_err();
        assert!(
            unnamed.to_string().contains("name each of its inputs"),
            "{unnamed}"
        );
        let message = super::super::load(&path).unwrap_err().to_string();
        assert!(message.contains("network is a network alone"), "{message}");
        let missing = load_network(&folder.path().join("nothing")).unwrap_err();
        assert!(matches!(missing.problem(), Problem::NoSuchFile));
    }

    #[test]
    fn no_changed_byte_goes_unseen() {
        let bytes = network_to_bytes(&network::<f64>(), &[], &[]).unwrap();
        assert!(network_from_bytes(&bytes[..bytes.len() - 8]).is_err());
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x10;
            // A blank of the header's padding may change; the network may not.
            if let Ok(found) = network_from_bytes(&changed) {
                let AnyNetwork::Double(found) = found.network else {
                    panic!("byte {place}")
                };
                assert_eq!(bits(&found), bits(&network::<f64>()), "byte {place}");
            }
        }
    }

    #[test]
    fn shapes_have_to_fit_each_other() {
        let network = network::<f32>();
        let refused = |activations: Vec<Activation>| {
            let card = NetworkCard {
                double_precision: false,
                activations,
                loss: network.loss(),
                history: vec![],
                columns: Vec::new(),
            };
            let bytes =
                container::encode(Kind::Network, &card, &layer_tensors(&network, "")).unwrap();
            network_from_bytes(&bytes).unwrap_err().to_string()
        };
        assert!(refused(vec![Activation::ReLU]).contains("out.w"));
        assert!(refused(vec![Activation::ReLU; 3]).contains("layers.2.w"));
    }
}

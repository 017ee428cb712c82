//! The activation functions of a network's hidden layers: one for all of them, or one for each.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use chainrule::activation_functions::Activation;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::{MOST_HIDDEN_LAYERS, at_most};

/// Which function each hidden layer applies. Written as one name, or as a list of names from the inputs on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Activations {
    /// All the same.
    Same(Activation),
    /// Each its own, from the inputs to the out layer.
    Each(Vec<Activation>),
}

impl Activations {
    /// Of the layers of a network; ReLU, which nothing is made of, where there are none.
    pub fn of_layers(layers: impl Iterator<Item = Activation>) -> Activations {
        let each: Vec<Activation> = layers.collect();
        match each.first() {
            None => Activations::Same(Activation::ReLU),
            Some(&first) if each.iter().all(|&other| other == first) => Activations::Same(first),
            Some(_) => Activations::Each(each),
        }
    }

    /// That of layer `l`, counted from 0.
    ///
    /// # Panics
    ///
    /// If there is a list without it.
    #[track_caller]
    pub fn of_layer(&self, l: usize) -> Activation {
        match self {
            Activations::Same(activation) => *activation,
            Activations::Each(each) => each[l],
        }
    }

    /// For how many layers they are; None for any number.
    pub(crate) fn layers(&self) -> Option<usize> {
        match self {
            Activations::Same(_) => None,
            Activations::Each(each) => Some(each.len()),
        }
    }
}

impl From<Activation> for Activations {
    fn from(activation: Activation) -> Activations {
        Activations::Same(activation)
    }
}

impl Display for Activations {
    /// `relu`, or `relu,tanh`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Activations::Same(activation) => activation.fmt(f),
            Activations::Each(each) => {
                let names: Vec<String> = each.iter().map(Activation::to_string).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

impl FromStr for Activations {
    type Err = <Activation as FromStr>::Err;

    /// Reads what [`Display`] writes.
    fn from_str(text: &str) -> Result<Activations, Self::Err> {
        let each: Vec<Activation> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(match each.as_slice() {
            [one] => Activations::Same(*one),
            _ => Activations::Each(each),
        })
    }
}

impl<'de> Deserialize<'de> for Activations {
    /// By what stands there, so that a wrong name is told as such and not as "no variant".
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = Activations;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("an activation, or a list of one for each hidden layer")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Activations, E> {
                Activation::deserialize(StrDeserializer::new(name)).map(Activations::Same)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Activations, A::Error> {
                Activation::deserialize(MapAccessDeserializer::new(map)).map(Activations::Same)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Activations, A::Error> {
                let list = SeqAccessDeserializer::new(list);
                at_most::<_, _, MOST_HIDDEN_LAYERS>(list).map(Activations::Each)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_or_a_list_come_back_as_they_were_written() {
        let leaky = Activation::LeakyReLU { leakiness: 0.2 };
        for activations in [
            Activations::Same(Activation::Tanh),
            Activations::Same(leaky),
            Activations::Each(vec![Activation::ReLU, leaky, Activation::Tanh]),
        ] {
            assert_eq!(activations.to_string().parse(), Ok(activations.clone()));
            let json = serde_json::to_string(&activations).unwrap();
            assert_eq!(
                serde_json::from_str::<Activations>(&json).unwrap(),
                activations
            );
        }
        let wrong = serde_json::from_str::<Activations>("[\"relu\", \"relo\"]").unwrap_err();
        assert!(
            wrong.to_string().contains("unknown variant `relo`"),
            "{wrong}"
        );
        assert!("relu,relo".parse::<Activations>().is_err());
    }

    #[test]
    fn layers_of_one_kind_are_written_as_one() {
        let of = |layers: &[Activation]| Activations::of_layers(layers.iter().copied());
        let (relu, tanh) = (Activation::ReLU, Activation::Tanh);
        assert_eq!(of(&[tanh, tanh]), Activations::Same(tanh));
        assert_eq!(of(&[relu, tanh]), Activations::Each(vec![relu, tanh]));
        assert_eq!(of(&[]), Activations::Same(relu));
    }
}

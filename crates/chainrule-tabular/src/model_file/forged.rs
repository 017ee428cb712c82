//! Files whose checksum is right and whose content is not: thousands of them, each an error or a value, none a panic.
//!
//! The fuzz targets in `fuzz/` do the same for as long as one likes. These run with every test.

use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::tests::{checkpoint, regressor, table};
use super::*;
use crate::Fitting;

/// One value somewhere in the document becomes something that was not expected there.
fn forge(content: &Value, random: &mut ChaCha8Rng) -> Value {
    let mut forged = content.clone();
    let mut here = &mut forged;
    loop {
        let children = match here {
            Value::Array(items) => items.len(),
            Value::Object(fields) => fields.len(),
            _ => 0,
        };
        if children == 0 || random.random_range(0..6) == 0 {
            break;
        }
        let child = random.random_range(0..children);
        here = match here {
            Value::Array(items) => &mut items[child],
            Value::Object(fields) => fields.values_mut().nth(child).unwrap(),
            _ => unreachable!("it has children"),
        };
    }
    let strange = [
        json!(null),
        json!(0),
        json!(-1),
        json!(1_u64 << 60),
        json!(u64::MAX),
        json!(1e-320),
        json!(1.7e308),
        json!(""),
        json!("y"),
        json!([]),
        json!([1_u64 << 60, 1_u64 << 60]),
        json!({}),
        Value::Array(vec![here.clone(); 3]),
    ];
    *here = strange[random.random_range(0..strange.len())].clone();
    forged
}

/// Reads `count` forgeries of `content`, each under a right checksum; returns how many were believed.
fn read_forgeries(
    count: usize,
    kind: Kind,
    content: &impl Serialize,
    tensors: &[Tensor],
    read: impl Fn(&[u8]) -> bool,
) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(count as u64);
    let content = serde_json::to_value(content).unwrap();
    let believed = (0..count).filter(|_| {
        let forged = forge(&content, &mut random);
        read(&container::encode(kind, &forged, tensors).unwrap())
    });
    believed.count()
}

#[test]
fn forged_models_are_refused_or_predict() {
    let regressor = regressor();
    let believed = read_forgeries(
        4000,
        Kind::Model,
        &ModelContent::of(&regressor),
        &model_tensors(&regressor),
        |bytes| {
            model_from_bytes(bytes).is_ok_and(|model| {
                model.describe();
                model.predict(&table()).is_ok()
            })
        },
    );
    assert!((100..3000).contains(&believed), "{believed}");
}

#[test]
fn forged_checkpoints_are_refused_or_resumed() {
    let checkpoint = checkpoint();
    let bytes = encode_checkpoint(&checkpoint).unwrap();
    let (content, mut stored): (Value, _) = container::decode(Kind::Checkpoint, &bytes).unwrap();
    let tensors = [
        "parameters",
        "best_parameters",
        "first_moment",
        "second_moment",
    ]
    .map(|name| {
        let name = format!("members.0.{name}");
        let values = stored.take_vector::<f32>(&name).unwrap();
        Tensor::new(&name, vec![values.len()], &values)
    });
    let believed = read_forgeries(4000, Kind::Checkpoint, &content, &tensors, |bytes| {
        let Ok(forged) = checkpoint_from_bytes(bytes) else {
            return false;
        };
        if let Ok(mut fitting) = Fitting::resume(table(), forged) {
            let _ = fitting.run(&mut |_| chainrule::training::Control::Stop);
        }
        true
    });
    assert!((100..3000).contains(&believed), "{believed}");
}

#[test]
fn forged_networks_are_refused_or_predict() {
    let network = regressor().network().clone();
    let bytes = network_to_bytes(&network, &[], &[]).unwrap();
    let (content, _): (Value, _) = container::decode(Kind::Network, &bytes).unwrap();
    let tensors = layer_tensors(&network, "");
    let believed = read_forgeries(2000, Kind::Network, &content, &tensors, |bytes| {
        network_from_bytes(bytes).is_ok_and(|found| {
            let AnyNetwork::Single(network) = found.network else {
                return false;
            };
            network.predict(Array2::zeros((1, network.inputs())).view());
            true
        })
    });
    assert!((10..1500).contains(&believed), "{believed}");
}

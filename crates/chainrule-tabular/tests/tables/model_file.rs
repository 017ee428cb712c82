//! Model files: to the bit the same when all is well, and a message when anything is not.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chainrule::training::Control;
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{Fitting, Regressor, model_file};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::houses::{houses_csv, predicted, quick_settings, table, trained};

fn houses() -> TypedTable {
    table(&houses_csv(40))
}

/// A folder for one test, with a model in it.
struct Saved {
    folder: tempfile::TempDir,
    regressor: Regressor,
    bytes: Vec<u8>,
}

impl Saved {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let regressor = trained(&houses(), quick_settings());
        let path = folder.path().join("model.safetensors");
        model_file::save(&regressor, &path).unwrap();
        let bytes = fs::read(path).unwrap();
        Saved {
            folder,
            regressor,
            bytes,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("model.safetensors")
    }

    /// What loading says of other bytes in the model's place, without the path.
    fn load_bytes(&self, bytes: &[u8]) -> Result<Regressor, String> {
        overwrite(&self.path(), bytes);
        model_file::load(&self.path()).map_err(|error| without_path(&error, &self.path()))
    }

    #[track_caller]
    fn refused(&self, bytes: &[u8]) -> String {
        self.load_bytes(bytes).unwrap_err()
    }

    /// The bytes with one piece of text replaced by another of the same length.
    fn changed(&self, from: &str, to: &str) -> Vec<u8> {
        assert_eq!(from.len(), to.len());
        let found = self
            .bytes
            .windows(from.len())
            .position(|w| w == from.as_bytes());
        let at = found.unwrap_or_else(|| panic!("{from} is not in the file"));
        [
            &self.bytes[..at],
            to.as_bytes(),
            &self.bytes[at + from.len()..],
        ]
        .concat()
    }
}

/// Writes into the file that is there: thousands of new files would keep the disk busy for half a minute.
fn overwrite(path: &Path, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
}

fn without_path(error: &impl ToString, path: &Path) -> String {
    let message = error.to_string();
    let rest = message.strip_prefix(&format!("{} ", path.display()));
    rest.unwrap_or_else(|| panic!("{message} does not begin with the path"))
        .to_owned()
}

#[test]
fn a_model_comes_back_to_the_bit() {
    let saved = Saved::new();
    let loaded = model_file::load(&saved.path()).unwrap();
    assert_eq!(loaded, saved.regressor);
    let bits = |regressor: &Regressor| -> Vec<u64> {
        predicted(regressor, &houses())
            .into_iter()
            .map(f64::to_bits)
            .collect()
    };
    assert_eq!(bits(&loaded), bits(&saved.regressor));

    let again = saved.folder.path().join("again");
    model_file::save(&loaded, &again).unwrap();
    assert!(
        fs::read(again).unwrap() == saved.bytes,
        "the same model gives the same bytes"
    );
}

#[test]
fn any_safetensors_reader_finds_the_weights_and_one_document() {
    let saved = Saved::new();
    let file = safetensors::SafeTensors::deserialize(&saved.bytes).unwrap();
    let shape = |name: &str| file.tensor(name).unwrap().shape().to_vec();
    assert_eq!(file.len(), 8);
    assert_eq!(shape("layers.0.w"), [7, 3]);
    assert_eq!(shape("layers.0.b"), [7]);
    assert_eq!(shape("layers.1.w"), [5, 7]);
    assert_eq!(shape("layers.1.b"), [5]);
    assert_eq!(shape("out.w"), [1, 5]);
    assert_eq!(shape("out.b"), [1]);
    for (name, tensor) in file.iter() {
        let expected = match name {
            "intervals.predictions" | "intervals.actual" => safetensors::Dtype::F64,
            _ => safetensors::Dtype::F32,
        };
        assert_eq!(tensor.dtype(), expected, "{name}");
    }
    assert_eq!(shape("intervals.predictions"), [8]); // the rows kept for validation
    let stored = file.tensor("layers.1.w").unwrap().data().to_vec();
    let w = &saved.regressor.network().hidden()[1].affine.w;
    assert_eq!(
        stored,
        w.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()
    );

    let (_, header) = safetensors::SafeTensors::read_metadata(&saved.bytes).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    assert_eq!(metadata.len(), 1);
    let document: serde_json::Value = serde_json::from_str(&metadata["chainrule"]).unwrap();
    assert_eq!(document["format"], 2);
    assert_eq!(document["kind"], "model");
    let content = &document["content"];
    let names: Vec<&str> = content["plan"]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["area", "rooms", "age", "price"]);
    let bag = &content["bags"][0];
    assert_eq!(bag["encoding"][0]["name"], "area");
    assert_eq!(bag["target"]["name"], "price");
    assert_eq!(bag["settings"]["hidden"], serde_json::json!([7, 5]));
    assert_eq!(bag["histories"][0].as_array().unwrap().len(), 6);
    assert_eq!(
        content["replay"]["predictions"].as_array().unwrap().len(),
        5
    );
}

#[test]
fn every_truncation_is_refused_as_damage() {
    let saved = Saved::new();
    for length in 0..saved.bytes.len() {
        let message = saved.refused(&saved.bytes[..length]);
        assert_eq!(
            message,
            format!(
                "is damaged (it ends after {length} bytes): restore it from a copy, or train again"
            )
        );
    }
    let longer = [saved.bytes.as_slice(), b"\0"].concat();
    assert_eq!(
        saved.refused(&longer),
        "is damaged (something follows its last tensor): restore it from a copy, or train again"
    );
}

#[test]
fn ten_thousand_changed_bytes_are_refused_or_change_nothing() {
    let saved = Saved::new();
    let mut random = ChaCha8Rng::seed_from_u64(10_000);
    let mut refused = 0;
    for _ in 0..10_000 {
        let mut bytes = saved.bytes.clone();
        let at = random.random_range(0..bytes.len());
        bytes[at] ^= random.random_range(1..=255_u8);
        match saved.load_bytes(&bytes) {
            Ok(loaded) => assert_eq!(loaded, saved.regressor, "byte {at} is now {}", bytes[at]),
            Err(_) => refused += 1,
        }
    }
    // Only a blank of the header's padding may become another kind of white space.
    assert!(refused > 9_900, "{refused}");
}

#[test]
fn every_changed_bit_of_the_weights_is_found() {
    let saved = Saved::new();
    let weights = 4 * saved.regressor.network().parameter_count();
    for at in saved.bytes.len() - weights..saved.bytes.len() {
        let mut bytes = saved.bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        assert_eq!(
            saved.refused(&bytes),
            "is damaged (its content does not match its checksum): restore it from a copy, or train again"
        );
    }
}

#[test]
fn a_newer_format_asks_for_an_upgrade() {
    let saved = Saved::new();
    assert_eq!(
        saved.refused(&saved.changed(r#"\"format\":2"#, r#"\"format\":7"#)),
        "was made by a newer chainrule (format 7; this one reads formats up to 2): upgrade chainrule"
    );
    assert_eq!(
        saved.refused(&saved.changed(r#"\"format\":2"#, r#"\"format\":0"#)),
        "is damaged (there is no format 0): restore it from a copy, or train again"
    );
}

#[test]
fn other_files_are_no_models() {
    let saved = Saved::new();
    let foreign = "is not a chainrule model: it does not begin as a safetensors file does";
    assert_eq!(saved.refused(houses_csv(40).as_bytes()), foreign);
    assert_eq!(saved.refused(&[0; 4096]), foreign);
    let begins_with = |length: u64, text: &[u8]| [&length.to_le_bytes(), text].concat();
    assert_eq!(saved.refused(&begins_with(5, b"hello")), foreign);
    assert_eq!(saved.refused(&begins_with(100_000_001, b"{}")), foreign);
    assert_eq!(saved.refused(&begins_with(u64::MAX, b"{}")), foreign);
    let values = 1.5_f32.to_le_bytes();
    let view =
        safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![1], &values).unwrap();
    let other = safetensors::serialize([("weight", view)], None).unwrap();
    assert_eq!(
        saved.refused(&other),
        "is not a chainrule model: it is a safetensors file that another program wrote"
    );
    let missing = saved.folder.path().join("missing");
    assert_eq!(
        without_path(&model_file::load(&missing).unwrap_err(), &missing),
        "does not exist: check the name and the folder"
    );
    let folder = saved.folder.path();
    let message = without_path(&model_file::load(folder).unwrap_err(), folder);
    let expected = "cannot be read: it is a folder, not a file: give the path of the file itself";
    assert_eq!(message, expected);
}

#[test]
fn a_header_that_promises_more_than_there_is_costs_no_memory() {
    let saved = Saved::new();
    let header =
        br#"{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.extend([0; 100]);
    let message = saved.refused(&bytes);
    assert!(
        message.starts_with("is damaged (it ends after "),
        "{message}"
    );
    // The longest header that is allowed, of which nothing is there.
    let mut bytes = 100_000_000_u64.to_le_bytes().to_vec();
    bytes.push(b'{');
    assert!(
        saved
            .refused(&bytes)
            .starts_with("is damaged (it ends after 9 bytes)")
    );
}

#[cfg(unix)]
#[test]
fn devices_without_an_end_and_pipes_without_a_writer_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [Path::new("/dev/zero"), Path::new("/dev/urandom"), &pipe] {
        let expected = "cannot be read: it is a pipe or a device, not a file: give the path of the file itself";
        let message = without_path(&model_file::load(path).unwrap_err(), path);
        assert_eq!(message, expected);
        let message = without_path(&model_file::load_checkpoint(path).unwrap_err(), path);
        assert_eq!(message, expected);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_larger_than_the_memory_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let data = 1_u64 << 43;
    let header = format!(
        r#"{{"a":{{"dtype":"F32","shape":[{}],"data_offsets":[0,{data}]}}}}"#,
        data / 4
    );
    let begin = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
    fs::write(&path, &begin).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    if file.set_len(begin.len() as u64 + data).is_err() {
        return; // a file system without such long files
    }
    let message = without_path(&model_file::load(&path).unwrap_err(), &path);
    let expected = "cannot be loaded: it needs about 17.6 TB of memory, and about ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn models_and_checkpoints_are_not_taken_for_each_other() {
    let saved = Saved::new();
    let error = model_file::load_checkpoint(&saved.path()).unwrap_err();
    assert_eq!(
        without_path(&error, &saved.path()),
        "is a model, not the checkpoint of an unfinished training: there is nothing to resume"
    );
    let mut fitting = Fitting::new(houses(), "price", quick_settings()).unwrap();
    fitting.run(&mut |_| Control::Stop).unwrap();
    model_file::save_checkpoint(&fitting.checkpoint(), &saved.path()).unwrap();
    let error = model_file::load(&saved.path()).unwrap_err();
    assert_eq!(
        without_path(&error, &saved.path()),
        "is the checkpoint of an unfinished training, not a model: resume the training to get the model"
    );
}

#[test]
fn damaged_checkpoints_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut fitting = Fitting::new(houses(), "price", quick_settings()).unwrap();
    fitting.run(&mut |_| Control::Stop).unwrap();
    let checkpoint = fitting.checkpoint();
    model_file::save_checkpoint(&checkpoint, &path).unwrap();
    let bytes = fs::read(&path).unwrap();
    for length in (0..bytes.len()).step_by(7) {
        overwrite(&path, &bytes[..length]);
        assert!(model_file::load_checkpoint(&path).is_err());
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..1000 {
        let mut changed = bytes.clone();
        let at = random.random_range(0..changed.len());
        changed[at] ^= random.random_range(1..=255_u8);
        overwrite(&path, &changed);
        if let Ok(loaded) = model_file::load_checkpoint(&path) {
            assert_eq!(loaded, checkpoint);
        }
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named_and_nothing_is_left_there() {
    let saved = Saved::new();
    let folder = saved.folder.path();
    let inside = folder.join("missing").join("model");
    let message = without_path(
        &model_file::save(&saved.regressor, &inside).unwrap_err(),
        &inside,
    );
    assert_eq!(
        message,
        format!(
            "cannot be written: there is no folder {}",
            folder.join("missing").display()
        )
    );
    let message = without_path(
        &model_file::save(&saved.regressor, folder).unwrap_err(),
        folder,
    );
    assert_eq!(message, "cannot be written: it is a folder");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1); // the model
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let full = Path::new("/dev/full");
    let error = model_file::save(&Saved::new().regressor, full).unwrap_err();
    assert!(without_path(&error, full).starts_with("cannot be written: No space left on device"));
}

//! Any bytes as a model file: an error, or a model that describes itself.
#![no_main]

use chainrule_tabular::model_file::model_from_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = model_from_bytes(bytes) {
        model.describe();
    }
});

//! Any bytes as a checkpoint: an error, or a checkpoint.
#![no_main]

use chainrule_tabular::model_file::checkpoint_from_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = checkpoint_from_bytes(bytes);
});

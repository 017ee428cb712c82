//! Any bytes as a network of its own, as pickles hold them: an error, or a network.
#![no_main]

use chainrule_tabular::model_file::network_from_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = network_from_bytes(bytes);
});

//! From a table to a model and back, one program of tests.

mod bags;
mod examples;
mod familiar_tables;
mod fitting;
mod format_1;
#[cfg(any(feature = "parquet", feature = "workbook"))]
mod formats;
mod houses;
mod inspection;
mod intervals;
mod memory;
mod model_file;
mod odd_bytes;
mod of_network;
mod quotes;
mod reading;
mod reasons;
mod wider;

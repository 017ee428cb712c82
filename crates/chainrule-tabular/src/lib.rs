//! From a table to a regression network and back.
//!
//! ```text
//! Table ── Preprocessing ──> Fitting ──> Regressor ──> model file
//!                              └──> Checkpoint ──> checkpoint file ──> Fitting, resumed to the same bits
//! ```
//!
//! A [`Table`] is read from CSV, [`Fitting`] trains on it, and the [`Regressor`] that comes out takes tables in their raw units
//! and predicts in the target's: what it learnt to standardise with is part of it, in memory and in its file. Everything that a
//! user can get wrong comes back as an error whose message says where, what was found and what to do. Nothing here prints.
//!
//! ```
//! use chainrule::training::Control;
//! use chainrule_tabular::{Fitting, RegressorSettings, Table, model_file};
//!
//! let csv: String = (0..60).map(|i| format!("{i},{},{}\n", i % 7, 3 * i + 10 * (i % 7))).collect();
//! let table = Table::from_reader(format!("area,rooms,price\n{csv}").as_bytes(), "houses.csv")?;
//!
//! let mut fitting = Fitting::new(&table, "price", RegressorSettings::default())?;
//! fitting.run(&mut |_| Control::Continue)?;
//! let regressor = fitting.into_regressor();
//! assert!(regressor.evaluate(&table)?.r2 > 0.9);
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("houses.safetensors");
//! model_file::save(&regressor, &path)?;
//! let loaded = model_file::load(&path)?;
//! assert_eq!(loaded.predict(&table)?, regressor.predict(&table)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod destination;
pub mod encoding;
mod fitting;
pub mod limits;
pub mod memory;
pub mod metrics;
pub mod model_file;
mod numbers;
mod os_error;
pub mod preprocessing;
mod regressor;
mod settings;
pub mod shown;
pub mod table;

pub use destination::{Destination, Lock, LockError, same_file, write_whole};
pub use fitting::{Checkpoint, FitError, Fitting, TableIdentity};
pub use metrics::Evaluation;
pub use model_file::ModelFileError;
pub use os_error::reason;
pub use regressor::Regressor;
pub use settings::{RegressorSettings, SettingsError};
pub use table::{SourceText, Table, TableError};

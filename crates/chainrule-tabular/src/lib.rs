//! From a table to a regression network and back.
//!
//! ```text
//! TypedTable ── Encoding ──> Fitting ──> Regressor ──> model file
//!                              └──> Checkpoint ──> checkpoint file ──> Fitting, resumed to the same bits
//! ```
//!
//! A [`TypedTable`](table::TypedTable) is read from any format, [`Fitting`] trains on it, and the [`Regressor`] that
//! comes out takes tables as they are and predicts in the target's units: how it reads and encodes them is part of it,
//! in memory and in its file. Everything that a user can get wrong comes back as an error whose message says where,
//! what was found and what to do. Nothing here prints.
//!
//! ```
//! use chainrule::training::Control;
//! use chainrule_tabular::table::{ReadOptions, TypedTable};
//! use chainrule_tabular::{Fitting, RegressorSettings, model_file};
//!
//! let row = |i: i32| format!("{},{},{}\n", f64::from(i) / 2.0, ["flat", "house"][i as usize % 2], 3 * i + 20 * (i % 2));
//! let csv = format!("area,kind,price\n{}", (0..60).map(row).collect::<String>());
//! let csv = std::io::Cursor::new(csv);
//! let (table, _) = TypedTable::from_reader(csv, "houses.csv", &ReadOptions::default())?;
//!
//! let mut fitting = Fitting::new(&table, "price", RegressorSettings::default())?;
//! fitting.run(&mut |_| Control::Continue)?;
//! let regressor = fitting.into_regressor();
//! assert!(regressor.evaluate(&table)?.evaluation.r2 > Some(0.9));
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("houses.safetensors");
//! model_file::save(&regressor, &path)?;
//! let loaded = model_file::load(&path)?;
//! assert_eq!(loaded.predict(&table)?, regressor.predict(&table)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod activations;
mod destination;
pub mod encoding;
mod fitting;
mod intervals;
mod kept_rows;
pub mod limits;
pub mod memory;
pub mod metrics;
pub mod model_file;
mod numbers;
mod os_error;
mod reasons;
mod recipes;
mod regressor;
mod roles;
mod settings;
pub mod shown;
pub mod table;

pub use activations::Activations;
pub use destination::{Destination, Lock, LockError, Writing, same_file, write_whole};
pub use fitting::{
    Alone, Baselines, Checkpoint, Course, Deadline, FitError, Fitting, FoldErrors, MemberEvent,
    PredictedRows, Report, TableIdentity, Unseen, Whole, Workload,
};
pub use intervals::{Band, INTERVAL_LEVEL, Intervals};
pub use metrics::Evaluation;
pub use model_file::ModelFileError;
pub use os_error::reason;
pub use reasons::{
    ColumnImportance, Contribution, Contributions, DependencePoint, Importance, PartialDependence,
};
pub use recipes::{Composition, Recipe, TableFacts, Wishes};
pub use regressor::{Bag, Evaluated, Predictions, Regressor};
pub use roles::Roles;
pub use settings::{RegressorSettings, SettingsError};
pub use table::TableError;

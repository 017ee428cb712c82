//! Figures of a regression model, and one page that shows what it is and how good it is.
//!
//! ```text
//! Fitting, Report, table ──┐
//!                          ├──> Portrait ──> page (HTML with figures in it)
//! Regressor, table ────────┘
//! Plot ──> figure (SVG)
//! ```
//!
//! A [`Portrait`] is everything that the page says, as data. The page is one file: its figures and its style are in it,
//! it has no scripts and asks no network. Names and texts of a table are other people's data, and are escaped.
//!
//! ```
//! use chainrule::training::Control;
//! use chainrule_report::Portrait;
//! use chainrule_tabular::table::{ReadOptions, TypedTable};
//! use chainrule_tabular::{Fitting, RegressorSettings};
//!
//! let row = |i: i32| format!("{},{},{}\n", f64::from(i) / 2.0, ["flat", "house"][i as usize % 2], 3 * i + 20 * (i % 2));
//! let csv = format!("area,kind,price\n{}", (0..60).map(row).collect::<String>());
//! let csv = std::io::Cursor::new(csv);
//! let (table, findings) = TypedTable::from_reader(csv, "houses.csv", &ReadOptions::default())?;
//! let mut fitting = Fitting::new(&table, "price", RegressorSettings::default())?;
//! fitting.run(&mut |_| Control::Continue)?;
//!
//! let (model, report) = (fitting.regressor(), fitting.report());
//! let path = std::path::Path::new("houses.safetensors");
//! let portrait = Portrait::of_training(&model, path, &table, findings, &fitting, &report)?;
//! assert!(portrait.page("hidden = [64, 64]").starts_with("<!doctype html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod figure;
pub mod numbers;
mod page;
mod portrait;

pub use portrait::Portrait;

//! Everything that the page says of a model, as data: after a training, or on a table that the model is given.

use std::path::Path;

use chainrule::gradient_check::GradientReport;
use chainrule_tabular::table::{Findings, Inspection, TypedTable};
use chainrule_tabular::{
    Baselines, Course, Evaluation, Fitting, FoldErrors, PartialDependence, PredictedRows,
    Regressor, Report, TableError, Unseen,
};

/// How many rows are shown that the model misses by most.
const WORST: usize = 10;

/// How many values of such a row are shown.
const VALUES: usize = 8;

/// How many rows the gradients are checked on, and how many derivatives of each parameter: large networks have hundreds
/// of thousands.
const CHECKED_ROWS: usize = 16;
const CHECKED_DERIVATIVES: usize = 16;

/// What there is to say of a model.
#[derive(Debug)]
pub struct Portrait<'a> {
    pub(crate) model: &'a Regressor,
    /// Where its file is.
    pub(crate) path: &'a Path,
    /// What the table holds.
    pub(crate) table: Inspection,
    /// Which rows the errors are of.
    pub(crate) judged: Judged,
    /// The errors of all those rows together.
    pub(crate) errors: Evaluation,
    /// Those of simpler models on the same rows.
    pub(crate) baselines: Baselines,
    /// The errors in each fold, where there are folds.
    pub(crate) folds: Vec<FoldErrors>,
    /// The rows themselves.
    pub(crate) rows: PredictedRows,
    /// How the networks were trained.
    pub(crate) courses: Vec<Course<'a>>,
    /// The rows that the model misses by most.
    pub(crate) worst: Vec<Miss>,
    /// How predictions move with the columns that the model needs most.
    pub(crate) dependence: Vec<PartialDependence>,
    /// The gradients of each bag's first network.
    pub(crate) gradients: Vec<GradientReport>,
    /// What looked wrong after the training, one sentence each.
    pub(crate) warnings: Vec<String>,
}

/// Which rows a model is judged on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Judged {
    /// All rows, each by networks that had not seen it.
    OutOfFold { folds: usize },
    /// Rows that were kept for validation.
    Validation,
    /// The rows that it learnt from: no others were kept.
    Learnt,
    /// Those of a table that it was given after its training, beside what was found then.
    Given { then: Option<Unseen> },
}

/// A row that the model misses by much.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Miss {
    /// The line of the table on which it begins.
    pub line: u64,
    pub actual: f64,
    pub predicted: f64,
    /// Names and values of the model's first columns; None for a gap.
    pub values: Vec<(String, Option<String>)>,
}

impl<'a> Portrait<'a> {
    /// Of a model that has just been trained: its errors are those of rows that the predicting networks had not seen,
    /// where some were kept.
    ///
    /// `path` is where the model's file is, `table` what it was trained on.
    ///
    /// # Errors
    /// If the table is not the one of the training.
    pub fn of_training(
        model: &'a Regressor,
        path: &'a Path,
        table: &TypedTable,
        findings: Findings,
        fitting: &'a Fitting,
        report: &Report,
    ) -> Result<Portrait<'a>, TableError> {
        let unseen = fitting.unseen_rows();
        let judged = report.unseen.as_ref().map(|unseen| match unseen.folds {
            0 => (Judged::Validation, unseen.evaluation),
            folds => (Judged::OutOfFold { folds }, unseen.evaluation),
        });
        let (judged, errors, rows) = match judged {
            Some((judged, errors)) => (judged, errors, unseen),
            None => {
                let rows = predicted(model, table)?;
                (Judged::Learnt, evaluation(model, table, &rows)?, rows)
            }
        };
        Ok(Portrait {
            judged,
            errors,
            baselines: report.baselines,
            folds: report.folds.clone(),
            courses: fitting.courses(),
            warnings: report.warnings.clone(),
            ..Portrait::of_rows(model, path, table, findings, rows)?
        })
    }

    /// Of a model and a table that was read by its plan and has its target: the errors are those of this table's rows.
    ///
    /// # Errors
    /// If the table lacks a column of the model, or none of its rows has a target and a prediction.
    pub fn of_table(
        model: &'a Regressor,
        path: &'a Path,
        table: &TypedTable,
        findings: Findings,
    ) -> Result<Portrait<'a>, TableError> {
        let rows = predicted(model, table)?;
        Portrait::of_rows(model, path, table, findings, rows)
    }

    /// Of a model and what it says of rows of a table that it was given.
    fn of_rows(
        model: &'a Regressor,
        path: &'a Path,
        table: &TypedTable,
        findings: Findings,
        rows: PredictedRows,
    ) -> Result<Portrait<'a>, TableError> {
        let errors = evaluation(model, table, &rows)?;
        let n = rows.actual.len() as f64;
        let mean: f64 = rows.actual.iter().map(|y| y / n).sum();
        let of_the_mean = Evaluation::of(&rows.actual, &vec![mean; rows.actual.len()]);
        let course = |bag: &'a chainrule_tabular::Bag| Course {
            settings: bag.settings(),
            weight: bag.weight(),
            histories: bag.histories().iter().map(Vec::as_slice).collect(),
        };
        let checked = model.first_rows(table, CHECKED_ROWS)?;
        let gradients = model.bags().iter().map(|bag| {
            let (x, y) = model.encoded_for(bag, table, &checked)?;
            Ok(bag.check_gradients(x.view(), y.view(), CHECKED_DERIVATIVES))
        });
        Ok(Portrait {
            model,
            path,
            judged: Judged::Given {
                then: model.unseen().cloned(),
            },
            errors,
            baselines: Baselines {
                mean: of_the_mean.rmse,
                ridge: None,
            },
            folds: Vec::new(),
            courses: model.bags().iter().map(course).collect(),
            worst: worst(model, table, &rows),
            dependence: model.main_dependence(),
            gradients: gradients.collect::<Result<_, TableError>>()?,
            warnings: Vec::new(),
            table: Inspection::of(table, findings, &[model.target().to_owned()]),
            rows,
        })
    }

    /// The page: one HTML file with all that belongs to it. `settings` is shown as what the training was told.
    pub fn page(&self, settings: &str) -> String {
        crate::page::page(self, settings)
    }
}

/// What the model says of all rows that have a target.
fn predicted(model: &Regressor, table: &TypedTable) -> Result<PredictedRows, TableError> {
    let (actual, predictions) = (model.actual(table)?, model.predict(table)?);
    let mut rows = PredictedRows::default();
    for (place, (actual, predicted)) in (0..).zip(actual.into_iter().zip(predictions.values)) {
        if let (false, Some(predicted)) = (actual.is_nan(), predicted) {
            rows.places.push(place);
            rows.actual.push(actual);
            rows.predicted.push(predicted);
        }
    }
    Ok(rows)
}

fn evaluation(
    model: &Regressor,
    table: &TypedTable,
    rows: &PredictedRows,
) -> Result<Evaluation, TableError> {
    match rows.actual.is_empty() {
        false => Ok(Evaluation::of(&rows.actual, &rows.predicted)),
        true => Err(TableError::NothingToCompare {
            table: table.source().to_owned(),
            target: model.target().to_owned(),
        }),
    }
}

/// The rows that are missed by most, with their first values.
fn worst(model: &Regressor, table: &TypedTable, rows: &PredictedRows) -> Vec<Miss> {
    let error = |nth: usize| (rows.predicted[nth] - rows.actual[nth]).abs();
    let mut order: Vec<usize> = (0..rows.actual.len()).collect();
    let by_error = |a: &usize, b: &usize| error(*b).total_cmp(&error(*a)).then(a.cmp(b));
    if order.len() > WORST {
        order.select_nth_unstable_by(WORST - 1, by_error);
        order.truncate(WORST);
    }
    order.sort_unstable_by(by_error);
    let columns = model.columns();
    let columns = columns.into_iter().filter_map(|name| table.column(name));
    let columns: Vec<_> = columns.take(VALUES).collect();
    let miss = |nth: usize| {
        let row = rows.places[nth] as usize;
        let values = columns.iter();
        Miss {
            line: table.line(row),
            actual: rows.actual[nth],
            predicted: rows.predicted[nth],
            values: values
                .map(|column| (column.name().to_owned(), column.text(row)))
                .collect(),
        }
    };
    order.into_iter().map(miss).collect()
}

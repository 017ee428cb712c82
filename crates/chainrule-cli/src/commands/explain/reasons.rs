//! What each column of the row adds to the mean prediction, as `explain` prints it.

use chainrule::with_threads;
use chainrule_tabular::shown::label;
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{Contribution, Contributions, Regressor};

use super::page::Page;
use crate::failure::Failure;
use crate::numbers::NumberFormat;

/// So many columns are shown unless all are asked for: those that add most.
const SHOWN: usize = 15;

/// The longest value of a cell that is shown whole.
const LONGEST: usize = 24;

/// Prints them, the largest first.
pub fn print(page: &mut Page, model: &Regressor, one: &TypedTable) -> Result<(), Failure> {
    page.heading("reasons: what each column adds to the mean prediction")?;
    let found = with_threads(0, || model.contributions(one, 0)).map_err(Failure::from_error)?;
    let Some(found) = found.map_err(Failure::from_error)? else {
        return page.line(
            "      the model keeps no rows to compare with: its table had very many columns, or an older version trained it",
        );
    };
    page.line(&format!(
        "      Shapley values over {} training rows that the model keeps, from {} orders of the columns for each;",
        found.background, found.orders
    ))?;
    page.line("      behind ± the standard error, because not all orders were tried")?;
    for line in lines(&found, one, page.is_full()) {
        page.line(&format!("      {line}"))?;
    }
    Ok(())
}

/// The mean, the columns and the prediction, aligned.
fn lines(found: &Contributions, one: &TypedTable, full: bool) -> Vec<String> {
    let mut columns: Vec<&Contribution> = found.columns.iter().collect();
    columns.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    let rest = match full || columns.len() <= SHOWN + 1 {
        true => Vec::new(),
        false => columns.split_off(SHOWN),
    };
    let format = NumberFormat::of(&[found.base, found.prediction], 6);
    let mut lines = vec![[
        "mean prediction".to_owned(),
        String::new(),
        format.text(found.base),
        String::new(),
    ]];
    for column in columns {
        let cell = one.column(&column.column).and_then(|column| column.text(0));
        let cell = cell.map_or_else(|| "(missing)".to_owned(), |text| short(&label(&text)));
        lines.push([
            label(&column.column),
            cell,
            signed(format, column.value),
            format!(
                "± {}",
                NumberFormat::of(&[column.error], 3).text(column.error)
            ),
        ]);
    }
    if !rest.is_empty() {
        let sum = rest.iter().map(|column| column.value).sum();
        lines.push([
            format!("{} other columns", rest.len()),
            String::new(),
            signed(format, sum),
            String::new(),
        ]);
    }
    lines.push([
        "prediction".to_owned(),
        String::new(),
        format.text(found.prediction),
        String::new(),
    ]);
    let width = |j: usize| lines.iter().map(|line| line[j].chars().count()).max();
    let [w0, w1, w2] = [0, 1, 2].map(|j| width(j).unwrap_or(0));
    let line = |[column, cell, value, error]: &[String; 4]| {
        let line = format!("{column:<w0$}  {cell:>w1$}  {value:>w2$}  {error}");
        line.trim_end().to_owned()
    };
    lines.iter().map(line).collect()
}

/// With its sign, also where that is a plus.
fn signed(format: NumberFormat, value: f64) -> String {
    let text = format.text(value);
    match text.starts_with('-') {
        true => text,
        false => format!("+{text}"),
    }
}

fn short(text: &str) -> String {
    match text.chars().count() > LONGEST {
        true => text.chars().take(LONGEST - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

//! A few rows of a table as a model file keeps them: by column, in the table's own units.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::limits::{MOST_KEPT_ROWS, at_most};
use crate::table::column::{MISSING_CODE, MISSING_TIME};
use crate::table::{Column, ColumnPlan, Form, RowLines, TablePlan, TypedTable, Values};

/// Rows that every loader of a model predicts again, or compares others with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeptRows {
    pub columns: Vec<KeptColumn>,
}

/// The values of one column; null where they are missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptColumn {
    Numbers(#[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")] Vec<Option<f64>>),
    Booleans(#[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")] Vec<Option<bool>>),
    Levels(#[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")] Vec<Option<String>>),
    Microseconds(#[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")] Vec<Option<i64>>),
}

impl KeptRows {
    /// The given rows of the columns of these names.
    ///
    /// # Panics
    /// If the table has no such row or column.
    #[track_caller]
    pub(crate) fn of<'a>(
        table: &TypedTable,
        names: impl Iterator<Item = &'a str>,
        rows: &[u32],
    ) -> KeptRows {
        let columns = names.map(|name| {
            let column = table
                .column(name)
                .expect("the rows are those of a table that was encoded");
            KeptColumn::of(&column.select(rows))
        });
        KeptRows {
            columns: columns.collect(),
        }
    }

    /// The rows as a table, if they fit the plans of its columns.
    pub(crate) fn table<'a>(
        &self,
        plans: impl Iterator<Item = &'a ColumnPlan>,
    ) -> Option<TypedTable> {
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut plans = plans.fuse();
        for kept in &self.columns {
            columns.push(kept.column(plans.next()?)?);
        }
        let rows = columns.first()?.rows();
        let fits = plans.next().is_none() && columns.iter().all(|column| column.rows() == rows);
        let mut lines = RowLines::default();
        (1..=rows).for_each(|row| lines.push(row as u64));
        fits.then(|| TypedTable::new("the rows that the model keeps".to_owned(), columns, lines))
    }
}

/// The plans of the named columns, in the order of the names.
pub(crate) fn plans_of<'a>(
    plan: &'a TablePlan,
    names: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = &'a ColumnPlan> {
    let plans: HashMap<&str, &ColumnPlan> = plan
        .columns
        .iter()
        .rev()
        .map(|plan| (plan.name.as_str(), plan))
        .collect();
    names.filter_map(move |name| plans.get(name).copied())
}

impl KeptColumn {
    fn of(column: &Column) -> KeptColumn {
        match column.values() {
            Values::Number(values) => {
                KeptColumn::Numbers(values.iter().map(|&x| (!x.is_nan()).then_some(x)).collect())
            }
            Values::Boolean(values) => KeptColumn::Booleans(values.clone()),
            Values::Category(codes) => {
                let level = |&code: &u32| column.levels().get(code as usize).cloned();
                KeptColumn::Levels(codes.iter().map(level).collect())
            }
            Values::Time(times) => {
                let kept = |&time: &i64| (time != MISSING_TIME).then_some(time);
                KeptColumn::Microseconds(times.iter().map(kept).collect())
            }
            Values::LeftOut { .. } => KeptColumn::Numbers(Vec::new()),
        }
    }

    fn column(&self, plan: &ColumnPlan) -> Option<Column> {
        let values = match (self, &plan.form) {
            (KeptColumn::Numbers(kept), Form::Number(_)) => {
                Values::Number(kept.iter().map(|x| x.unwrap_or(f64::NAN)).collect())
            }
            (KeptColumn::Booleans(kept), Form::Boolean { .. }) => Values::Boolean(kept.clone()),
            (KeptColumn::Levels(kept), Form::Category { levels }) => {
                let code = |level: &Option<String>| match level {
                    None => Some(MISSING_CODE),
                    Some(level) => Some(levels.iter().position(|l| l == level)? as u32),
                };
                Values::Category(kept.iter().map(code).collect::<Option<_>>()?)
            }
            (KeptColumn::Microseconds(kept), Form::Time(_)) => {
                Values::Time(kept.iter().map(|t| t.unwrap_or(MISSING_TIME)).collect())
            }
            _ => return None,
        };
        Some(Column::new(plan.clone(), values))
    }
}

//! What was found in a table, in words: for a person to read, and as warnings before a training.

use std::fmt::{self, Display, Formatter};

use super::findings::Findings;
use super::inspection::{ColumnInspection, Inspection};
use super::plan::Kind;
use super::suspicions::{About, Suspicion, suspicions};
use super::typed::TypedTable;
use crate::numbers::significant;
use crate::shown::{label, quoted};

/// The longest description of a column's values; the rest is cut.
const VALUES_WIDTH: usize = 40;

/// Numbers that are written with more characters are rounded.
const LONGEST_NUMBER: usize = 10;

impl Inspection {
    /// What may spoil what is learnt from a table, as far as its first rows show: one sentence each.
    pub fn warnings(table: &TypedTable, target: &str) -> Vec<String> {
        /// More rows take longer to look at than they tell.
        const MOST_ROWS: usize = 100_000;
        let first: Vec<u32> = (0..table.rows().min(MOST_ROWS) as u32).collect();
        let beginning = (first.len() < table.rows()).then(|| table.select(&first));
        let looked_at = beginning.as_ref().unwrap_or(table);
        let found = suspicions(looked_at, &[target.to_owned()]);
        // The others are said elsewhere: what is left out, and what the rows to train on have in common with those for
        // validation.
        let is_new = |suspicion: &Suspicion| {
            matches!(
                suspicion.about,
                About::Leak
                    | About::Counter
                    | About::StandIn
                    | About::Outliers
                    | About::Target
                    | About::Total
            )
        };
        let in_words = |suspicion: Suspicion| match suspicion.column {
            Some(column) => format!(
                "{}, column {}: {}",
                table.source(),
                quoted(&column),
                suspicion.message
            ),
            None => format!("{}: {}", table.source(), suspicion.message),
        };
        found.into_iter().filter(is_new).map(in_words).collect()
    }
}

impl Display for Inspection {
    /// The table's form, a line for each column, and what is worth a look.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = self.columns.len();
        let (source, rows, form) = (&self.source, self.rows, form(&self.findings));
        writeln!(f, "{source}: {rows} rows, {columns} columns; {form}\n")?;
        write_columns(f, &self.columns)?;
        for note in &self.findings.notes {
            writeln!(f, "\nnote: {note}")?;
        }
        if !self.suspicions.is_empty() {
            writeln!(f, "\nworth a look:")?;
        }
        for suspicion in &self.suspicions {
            match &suspicion.column {
                Some(column) => writeln!(f, "  {}: {}", quoted(column), suspicion.message)?,
                None => writeln!(f, "  {}", suspicion.message)?,
            }
        }
        Ok(())
    }
}

/// How the table is written, in a few words.
fn form(findings: &Findings) -> String {
    let separator = findings.separator.as_ref();
    let sheet = findings.sheet.as_ref();
    let packer = findings.compression.as_ref();
    let words = [
        Some(findings.format.clone()),
        findings.encoding.clone(),
        separator.map(|separator| format!("separated by {separator}")),
        sheet.map(|sheet| format!("sheet {sheet}")),
        packer.map(|packer| format!("packed by {packer}")),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// One line for each column.
fn write_columns(f: &mut Formatter<'_>, columns: &[ColumnInspection]) -> fmt::Result {
    let names: Vec<String> = columns.iter().map(|column| label(&column.name)).collect();
    let width = names
        .iter()
        .map(|name| name.chars().count())
        .fold("column".len(), usize::max);
    let header = ["kind", "gaps", "distinct", "values"];
    let [kind, gaps, distinct, values] = header;
    writeln!(
        f,
        "{:width$}  {kind:<8}  {gaps:>8}  {distinct:>8}  {values:<VALUES_WIDTH$}  becomes",
        "column"
    )?;
    for (name, column) in names.iter().zip(columns) {
        let (kind, missing, distinct) = (kind_of(column.kind), column.missing, column.distinct);
        let distinct = match column.kind {
            Kind::LeftOut => String::new(), // not kept, so not counted
            _ => distinct.to_string(),
        };
        let values = values_of(column);
        let becomes = &column.becomes;
        writeln!(
            f,
            "{name:width$}  {kind:<8}  {missing:>8}  {distinct:>8}  {values:<VALUES_WIDTH$}  {becomes}"
        )?;
    }
    Ok(())
}

fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Category => "category",
        Kind::Time => "time",
        Kind::LeftOut => "-",
    }
}

/// The range with a small histogram, or the most usual levels.
fn values_of(column: &ColumnInspection) -> String {
    if let Some([low, high]) = &column.range {
        let [low, high] = [low, high].map(|text| match text.parse::<f64>() {
            Ok(number) if text.len() > LONGEST_NUMBER => significant(number, 5),
            _ => text.trim_end_matches("T00:00:00Z").to_owned(), // a date
        });
        return format!("{} {low} to {high}", bars(&column.histogram));
    }
    let levels = column.levels.iter();
    let levels: Vec<String> = levels
        .map(|(level, rows)| format!("{} {rows}", label(level)))
        .collect();
    let levels = levels.join(", ");
    match levels.char_indices().nth(VALUES_WIDTH) {
        None => levels,
        Some(_) => {
            let kept: String = levels.chars().take(VALUES_WIDTH - 1).collect();
            kept + "…"
        }
    }
}

/// A bar for each count, the largest the highest; a count of none is blank.
fn bars(counts: &[usize]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0);
    let bar = |&count: &usize| match count {
        0 => ' ',
        _ => BARS[(count * BARS.len()).div_ceil(most) - 1],
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_with_their_counts() {
        assert_eq!(bars(&[0, 1, 50, 100]), " ▁▄█");
        assert_eq!(bars(&[]), "");
    }
}

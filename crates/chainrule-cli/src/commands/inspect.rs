//! `chainrule inspect`: what a table holds and what looks suspicious in it, before anything is trained.

use std::io::Write;

use chainrule_tabular::shown::{label, quoted};
use chainrule_tabular::table::plan::Kind;
use chainrule_tabular::table::{ColumnInspection, Findings, Inspection};

use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::numbers::significant;
use crate::reading;

/// The longest description of a column's values; the rest is cut.
const VALUES_WIDTH: usize = 40;

/// Numbers that are written with more characters are rounded.
const LONGEST_NUMBER: usize = 10;

/// Prints what was found.
pub fn run(args: &InspectArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let found = reading::inspection(&args.table, &args.target, &args.form, &args.columns)?;
    if args.json {
        writeln!(out, "{}", serde_json::json!(found))?;
        return Ok(());
    }
    let Inspection {
        source,
        findings,
        rows,
        columns,
        suspicions,
    } = &found;
    writeln!(
        out,
        "{source}: {rows} rows, {} columns; {}\n",
        columns.len(),
        form(findings)
    )?;
    table(columns, out)?;
    for note in &findings.notes {
        writeln!(out, "\nnote: {note}")?;
    }
    if !suspicions.is_empty() {
        writeln!(out, "\nworth a look:")?;
    }
    for suspicion in suspicions {
        match &suspicion.column {
            Some(column) => writeln!(out, "  {}: {}", quoted(column), suspicion.message)?,
            None => writeln!(out, "  {}", suspicion.message)?,
        }
    }
    Ok(())
}

/// How the table is written, in a few words.
fn form(findings: &Findings) -> String {
    let mut words = vec![findings.format.clone()];
    words.extend(findings.encoding.clone());
    words.extend(
        findings
            .separator
            .as_ref()
            .map(|separator| format!("separated by {separator}")),
    );
    words.extend(
        findings
            .sheet
            .as_ref()
            .map(|sheet| format!("sheet {sheet}")),
    );
    words.extend(
        findings
            .compression
            .as_ref()
            .map(|packer| format!("packed by {packer}")),
    );
    words.join(", ")
}

/// One line for each column.
fn table(columns: &[ColumnInspection], out: &mut dyn Write) -> Result<(), Failure> {
    let names: Vec<String> = columns.iter().map(|column| label(&column.name)).collect();
    let width = names
        .iter()
        .map(|name| name.chars().count())
        .fold("column".len(), usize::max);
    let header = ["kind", "gaps", "distinct", "values"];
    let [kind, gaps, distinct, values] = header;
    writeln!(
        out,
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
            out,
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

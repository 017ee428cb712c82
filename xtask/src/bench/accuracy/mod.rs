//! How well `chainrule train` predicts rows that it has not seen, and how often its intervals hold, beside peers on the
//! very same splits, on two pages of their own.
//!
//! `bench/accuracy/README.md` says how it is measured. Nothing is left out in silence: a table that is not there and a
//! peer that cannot be installed or run stand on the page with the reason.

mod contenders;
mod coverage;
mod figure;
mod intervals;
mod report;
mod rows;
mod splits;
mod summary;
mod tables;

use std::path::{Path, PathBuf};

use contenders::{Outcome, Peers, THREADS};
use rows::{Rows, Split};
use summary::{Absent, Found};
use tables::{ACCURACY, CHAINRULE, INTERVALS, LIST, MEAN, Table};

use super::{Options, builds, machine};
use crate::repository;

/// How many tables a quick round takes: the smallest ones that are there.
const QUICK_TABLES: usize = 3;

/// The sections that are measured here: chainrule is trained once for both.
pub const SECTIONS: [&str; 2] = [ACCURACY, INTERVALS];

/// Measures everyone of the wanted sections on every table that is there, and gives the files to write, each with its
/// name.
pub fn run(root: &Path, options: &Options) -> Result<Vec<(&'static str, String)>, String> {
    if !SECTIONS.iter().any(|section| options.wants(section)) {
        return Ok(vec![]);
    }
    let folder = repository::target_directory(root)?.join("bench/accuracy");
    let command = match options.leaves_out(CHAINRULE) {
        true => Err("left out by --without".to_string()),
        false => Ok(builds::command(root)?),
    };
    let folders = [vec![root.join("data")], options.tables.clone()].concat();
    let mut found = Found::default();
    let mut peers = Peers::new(root, &folder);
    for (table, rows) in read(options, &folders, &mut found)? {
        let most = options.quick.then_some(1);
        let splits = rows.split(table, &folder.join("splits").join(&table.name), most)?;
        found.tables.push(table);
        let mut note = |name, outcomes| note(&mut found, table, name, outcomes);
        note(CHAINRULE, ours(&command, table, &splits));
        let contenders = LIST.contenders.iter();
        for contender in contenders.filter(|contender| options.wants(&contender.section)) {
            note(
                &contender.name,
                match options.leaves_out(&contender.peer) {
                    true => Err("left out by --without".to_string()),
                    false => peers.measure(contender, table, &splits),
                },
            );
        }
        note(MEAN, Ok(contenders::mean(&splits)));
    }
    let mut machine = machine::describe(root)?;
    machine.push(("threads", THREADS.to_string()));
    let mut files = vec![];
    if options.wants(ACCURACY) {
        files.push(("accuracy.md", report::write(&machine, &found.of(ACCURACY))));
    }
    if options.wants(INTERVALS) {
        let found = found.of(INTERVALS);
        files.push(("intervals.md", intervals::write(&machine, &found)));
        files.push(("coverage.svg", figure::draw(&found)));
    }
    Ok(files)
}

/// The tables that were asked for and are there, in the order of the list.
fn read(
    options: &Options,
    folders: &[PathBuf],
    found: &mut Found,
) -> Result<Vec<(&'static Table, Rows)>, String> {
    let asked = |table: &&Table| options.table.is_empty() || options.table.contains(&table.name);
    let is_table = |name: &&String| LIST.tables.iter().any(|table| table.name == **name);
    if let Some(name) = options.table.iter().find(|name| !is_table(name)) {
        let names: Vec<&str> = LIST
            .tables
            .iter()
            .map(|table| table.name.as_str())
            .collect();
        return Err(format!("there is no table {name:?}: {}", names.join(", ")));
    }
    let mut tables = vec![];
    for table in LIST.tables.iter().filter(asked) {
        match Rows::read(table, folders) {
            Ok(rows) => tables.push((table, rows)),
            Err(reason) => found.absent.push(Absent {
                what: &table.name,
                tables: vec![],
                reason,
            }),
        }
    }
    if options.quick {
        tables.sort_by_key(|(table, _)| table.rows);
        tables.truncate(QUICK_TABLES);
    }
    Ok(tables)
}

fn ours(
    command: &Result<PathBuf, String>,
    table: &Table,
    splits: &[Split],
) -> Result<Vec<Outcome>, String> {
    let command = command.as_ref().map_err(String::clone)?;
    let outcomes = splits
        .iter()
        .map(|split| contenders::chainrule(command, table, split));
    outcomes.collect()
}

/// Tells and notes what a contender reached on a table, or why it did not.
fn note(
    found: &mut Found,
    table: &'static Table,
    name: &'static str,
    outcomes: Result<Vec<Outcome>, String>,
) {
    match outcomes {
        Ok(outcomes) => {
            found.outcomes.insert((&table.name, name), outcomes);
            let rmse = found.rmse(&table.name, name).unwrap_or(f64::NAN);
            let coverage = found.coverage(&table.name, name);
            let within = coverage.map_or(String::new(), |[all, ..]| {
                format!(", {} within", all.share())
            });
            println!("{}, {name}: {rmse}{within}", table.name);
        }
        Err(reason) => {
            println!("{}, {name}: {reason}", table.name);
            let mut told = found.absent.iter_mut();
            let same = |absent: &&mut Absent| absent.what == name && absent.reason == reason;
            match told.find(same) {
                Some(absent) => absent.tables.push(&table.name),
                None => found.absent.push(Absent {
                    what: name,
                    tables: vec![&table.name],
                    reason,
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_are_not_there_are_told_and_a_wrong_name_is_refused() {
        let data = [Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")];
        let mut options = Options::default();
        let mut found = Found::default();
        let tables = read(&options, &data, &mut found).unwrap();
        assert_eq!(tables.len(), 1);
        assert_eq!(found.absent.len(), LIST.tables.len() - 1);
        let concrete = &found.absent[0];
        assert_eq!(concrete.reason, "concrete.csv is not there");

        options.table = vec!["diabetes".to_string(), "concret".to_string()];
        let refused = read(&options, &data, &mut found).err().unwrap();
        assert!(refused.starts_with("there is no table \"concret\": concrete, energy"));
    }

    #[test]
    fn one_reason_for_many_tables_is_told_once() {
        let mut found = Found::default();
        for (table, reason) in [(0, "slow"), (1, "slow"), (2, "broken")] {
            note(
                &mut found,
                &LIST.tables[table],
                "ridge",
                Err(reason.to_string()),
            );
        }
        let told: Vec<_> = found
            .absent
            .iter()
            .map(|absent| &absent.tables[..])
            .collect();
        assert_eq!(told, [&["concrete", "energy"][..], &["wine-quality-red"]]);
    }
}

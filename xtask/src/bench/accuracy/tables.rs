//! What is measured, who takes part and what the project wants to reach, as `bench/accuracy/tables.toml` says it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::splits::Splits;

/// The file's content.
pub static LIST: LazyLock<List> = LazyLock::new(|| {
    let file = include_str!("../../../../bench/accuracy/tables.toml");
    toml::from_str(file).unwrap_or_else(|error| panic!("bench/accuracy/tables.toml: {error}"))
});

/// The contenders that need no program of their own.
pub const CHAINRULE: &str = "chainrule";
pub const MEAN: &str = "mean";

/// The contender whose errors are the unit of the ratios.
pub const UNIT: &str = "CatBoost";

/// The sections of the bench that measure the accuracy, each on a page of its own.
pub const ACCURACY: &str = "accuracy";
pub const INTERVALS: &str = "intervals";

/// Everything that the file says; its comments explain the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub contenders: Vec<Contender>,
    pub tables: Vec<Table>,
    pub bars: Bars,
}

/// A peer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contender {
    #[serde(default = "accuracy")]
    pub section: String,
    pub name: String,
    pub peer: String,
    pub script: String,
    pub variant: Option<String>,
    pub requirements: String,
    pub most_rows: Option<usize>,
    pub tables: Option<Vec<String>>,
    pub note: String,
}

/// A table and how it is read and split.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: String,
    pub group: String,
    pub file: String,
    pub rows: usize,
    pub target: String,
    #[serde(default)]
    pub ignore: Vec<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default)]
    pub missing: Vec<String>,
    #[serde(default = "comma")]
    pub separator: char,
    #[serde(default = "utf_8")]
    pub encoding: String,
    pub splits: Splits,
    pub source: String,
}

fn accuracy() -> String {
    ACCURACY.to_string()
}

fn comma() -> char {
    ','
}

fn utf_8() -> String {
    "utf-8".to_string()
}

/// What the project wants to reach.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bars {
    pub rmse: Vec<(String, f64, String)>,
    pub ratios: Vec<(String, String, f64, String)>,
    pub any_table: Vec<(String, f64)>,
    pub seconds: Vec<(String, f64)>,
    pub coverage: Band,
    pub coverage_of_a_third: Band,
}

/// From the least to the greatest share.
pub type Band = (f64, f64);

impl List {
    /// The names of all who take part in a section, in the page's order.
    pub fn names(&self, section: &str) -> impl Iterator<Item = &str> {
        let peers = self.contenders.iter();
        let peers = peers.filter(move |peer| peer.section == section);
        let mean = (section == ACCURACY).then_some(MEAN);
        let peers = peers.map(|peer| peer.name.as_str());
        [CHAINRULE].into_iter().chain(peers).chain(mean)
    }

    /// The groups in the order in which they come first.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = vec![];
        for table in &self.tables {
            if !groups.contains(&table.group.as_str()) {
                groups.push(&table.group);
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_is_about_a_table_and_a_contender_of_the_list() {
        let is_table = |name: &String| LIST.tables.iter().any(|table| table.name == *name);
        assert!(LIST.bars.rmse.iter().all(|bar| is_table(&bar.0)));
        assert!(LIST.bars.seconds.iter().all(|bar| is_table(&bar.0)));
        let is_contender = |name: &String| LIST.names(ACCURACY).any(|other| other == name);
        assert!(LIST.bars.any_table.iter().all(|bar| is_contender(&bar.0)));
        for (group, contender, ..) in &LIST.bars.ratios {
            assert!(LIST.groups().contains(&group.as_str()), "{group}");
            assert!(is_contender(contender), "{contender}");
        }
        assert!(LIST.names(ACCURACY).any(|name| name == UNIT));
    }

    #[test]
    fn every_contender_takes_part_in_one_section() {
        for contender in &LIST.contenders {
            let is_in = |section| LIST.names(section).any(|name| name == contender.name);
            let name = &contender.name;
            assert!(is_in(ACCURACY) != is_in(INTERVALS), "{name}");
        }
        let names: Vec<_> = LIST.names(INTERVALS).collect();
        assert_eq!(names, [CHAINRULE, "MAPIE"]);
    }

    #[test]
    fn every_script_and_every_list_of_packages_is_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/accuracy");
        let folder = std::path::Path::new(folder);
        for contender in &LIST.contenders {
            let script = folder.join("peers").join(&contender.script);
            assert!(script.is_file(), "{}", script.display());
            assert!(folder.join(&contender.requirements).is_file());
        }
    }
}

//! What `cargo xtask bench` is told.

use std::path::PathBuf;

/// Everything that `--only` can choose from.
const SECTIONS: [&str; 10] = [
    "seed",
    "tab",
    "wide",
    "row",
    "rows",
    "growth",
    "job",
    "python",
    "accuracy",
    "intervals",
];

/// What runs without `--only`: the accuracy and the intervals take hours.
const USUAL: &[&str] = SECTIONS.split_at(8).0;

/// What runs with `--avx2`: training steps and predictions.
const TASKS: &[&str] = SECTIONS.split_at(5).0;

/// What to compare, and how long.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Some sections alone
    #[arg(long, value_name = "SECTION,SECTION", value_delimiter = ',')]
    #[arg(default_values = USUAL, hide_default_value = true, value_parser = SECTIONS)]
    pub only: Vec<String>,
    /// Interleaved rounds
    #[arg(long, default_value = "5", default_value_if("quick", "true", "1"))]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// One short round that writes no report: shows that all runs, its figures mean little
    #[arg(long)]
    pub quick: bool,
    /// Hold chainrule to AVX2, and the peers that can be told: training steps and predictions alone, on a page of
    /// their own
    #[arg(long)]
    pub avx2: bool,
    /// Leave a peer out (may be repeated)
    #[arg(long, value_name = "PEER")]
    pub without: Vec<String>,
    /// Also time the build of the release binary from nothing
    #[arg(long)]
    pub cold_build: bool,
    /// Where the tables of accuracy and intervals are, beside data/ (may be repeated)
    #[arg(long, value_name = "FOLDER")]
    pub tables: Vec<PathBuf>,
    /// Some tables of accuracy and intervals alone
    #[arg(long, value_name = "TABLE,TABLE", value_delimiter = ',')]
    pub table: Vec<String>,
}

impl Options {
    /// How long each program measures in a round.
    pub fn seconds(&self) -> f64 {
        if self.quick { 0.1 } else { 1.0 }
    }

    /// Whether a section is to run.
    pub fn wants(&self, section: &str) -> bool {
        let runs = !self.avx2 || TASKS.contains(&section);
        runs && self.only.iter().any(|name| name == section)
    }

    /// Whether a peer was left out.
    pub fn leaves_out(&self, peer: &str) -> bool {
        self.without.iter().any(|name| name == peer)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: super::Options,
    }

    #[test]
    fn everything_runs_in_five_rounds_unless_told_otherwise() {
        let read = |words: &str| Line::try_parse_from(words.split(' ')).map(|line| line.options);
        let all = read("bench").unwrap();
        assert!(super::USUAL.iter().all(|section| all.wants(section)));
        assert!(super::USUAL.contains(&"python"));
        assert!(!all.wants("accuracy") && !all.wants("intervals"));
        assert_eq!((all.rounds, all.cold_build), (5, false));
        assert_eq!(read("bench --quick").unwrap().rounds, 1);

        let some =
            read("bench --only seed,job --rounds 7 --without burn --without candle").unwrap();
        assert!(some.wants("seed") && some.wants("job") && !some.wants("tab"));
        assert!(some.rounds == 7 && some.leaves_out("candle") && !some.leaves_out("fann"));
        let some = read("bench --only accuracy --tables a --tables b --table ames,life").unwrap();
        assert!(some.wants("accuracy") && some.tables.len() == 2 && some.table.len() == 2);
        let narrow = read("bench --avx2").unwrap();
        assert!(narrow.wants("rows") && !narrow.wants("growth") && !narrow.wants("python"));
        assert!(read("bench --only seed,sedd").is_err() && read("bench --rounds 0").is_err());
    }
}

//! What `cargo xtask bench` is told.

/// Everything that `--only` can choose from.
pub const SECTIONS: [&str; 8] = [
    "seed", "tab", "wide", "row", "rows", "growth", "job", "python",
];

/// The lines of the help.
pub const HELP: &str = "\
cargo xtask bench                compare with the peers, write the pages in bench/results
    --only SECTION,SECTION              some sections alone: seed, tab, wide, row, rows, growth, job, python
    --rounds N                          interleaved rounds [default: 5]
    --without PEER                      leave a peer out (may be repeated)
    --quick                             one short round that writes no report: shows that all runs, its figures mean little
    --cold-build                        also time the build of the release binary from nothing";

/// What to compare, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Sections to run.
    pub only: Vec<String>,
    /// Interleaved rounds.
    pub rounds: usize,
    /// How long each program measures in a round.
    pub seconds: f64,
    /// Whether figures mean too little to be written down.
    pub quick: bool,
    /// Peers to leave out.
    pub without: Vec<String>,
    /// Whether to build the release binary from nothing.
    pub cold_build: bool,
}

impl Options {
    /// Reads what follows `bench` on the command line.
    pub fn parse(arguments: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            only: SECTIONS.map(String::from).to_vec(),
            rounds: 5,
            seconds: 1.0,
            quick: false,
            without: vec![],
            cold_build: false,
        };
        let mut arguments = arguments.iter();
        while let Some(&argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or(format!("{argument} needs a value"))
            };
            match argument {
                "--only" => {
                    options.only = value()?.split(',').map(String::from).collect();
                    if let Some(name) = unknown(&options.only) {
                        return Err(format!(
                            "there is no section {name:?}, only {}",
                            SECTIONS.join(", ")
                        ));
                    }
                }
                "--rounds" => {
                    let rounds = value()?;
                    options.rounds = match rounds.parse() {
                        Ok(rounds @ 1..) => rounds,
                        _ => return Err(format!("--rounds {rounds:?}: a number from 1")),
                    };
                }
                "--without" => options.without.push(value()?.to_string()),
                "--quick" => {
                    (options.rounds, options.seconds, options.quick) = (1, 0.1, true);
                }
                "--cold-build" => options.cold_build = true,
                other => return Err(format!("bench knows no option {other:?}")),
            }
        }
        Ok(options)
    }

    /// Whether a section is to run.
    pub fn wants(&self, section: &str) -> bool {
        self.only.iter().any(|name| name == section)
    }
}

fn unknown(sections: &[String]) -> Option<&String> {
    sections
        .iter()
        .find(|name| !SECTIONS.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_options_everything_runs_in_five_rounds() {
        let options = Options::parse(&[]).unwrap();
        assert!(SECTIONS.iter().all(|section| options.wants(section)));
        assert_eq!((options.rounds, options.cold_build), (5, false));
    }

    #[test]
    fn options_are_read() {
        let words = "--only seed,job --rounds 7 --without burn --without candle --cold-build";
        let options = Options::parse(&words.split(' ').collect::<Vec<_>>()).unwrap();
        assert!(options.wants("seed") && options.wants("job") && !options.wants("tab"));
        assert_eq!((options.rounds, options.cold_build), (7, true));
        assert_eq!(options.without, ["burn", "candle"]);
    }

    #[test]
    fn wrong_options_are_named() {
        for (words, problem) in [
            ("--only seed,sedd", "\"sedd\""),
            ("--rounds 0", "--rounds \"0\""),
            ("--rounds", "needs a value"),
            ("--fast", "\"--fast\""),
        ] {
            let error = Options::parse(&words.split(' ').collect::<Vec<_>>()).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}

//! chainrule and its peers on the splits of a table; what a peer found is kept for the next run.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::coverage::{Intervals, LEVEL, Predicted};
use super::rows::Split;
use super::tables::{Contender, Table};
use crate::bench::builds;
use crate::bench::programs::{answer, last_line};
use crate::repository;

/// How many threads everyone may use.
pub const THREADS: usize = 2;

/// What someone reached on a split.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Outcome {
    /// Of the test rows.
    pub rmse: f64,
    /// Seconds of the fit.
    pub fit: f64,
    /// Seconds of predicting the test rows.
    pub predict: f64,
    /// The RMSE that it expected, if it says so.
    pub expected: Option<f64>,
    /// How its intervals did, if it gives them.
    pub intervals: Option<Intervals>,
    /// What it is.
    pub version: String,
}

/// The mean of the training rows, for every test row.
pub fn mean(splits: &[Split]) -> Vec<Outcome> {
    let outcome = |split: &Split| Outcome {
        rmse: rmse(&split.truth, &vec![split.mean; split.truth.len()]),
        ..Outcome::default()
    };
    splits.iter().map(outcome).collect()
}

/// `chainrule train` with nothing but what the columns are, and `chainrule predict`; the seconds are those of the whole
/// commands.
pub fn chainrule(command: &Path, table: &Table, split: &Split) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let model = folder.path().join("model.safetensors");
    let predicted = folder.path().join("predicted.csv");

    let mut train = Command::new(command);
    train.arg("train").arg(&split.train);
    train.args(["--target", &table.target, "--json"]);
    train.args(["--threads", &THREADS.to_string()]);
    train.arg("--model").arg(&model).stdin(Stdio::null());
    for column in &table.ignore {
        train.args(["--ignore", column]);
    }
    for column in &table.categories {
        train.args(["--categorical", column]);
    }
    let start = Instant::now();
    let report = answer(&mut train)?;
    let fit = start.elapsed().as_secs_f64();

    let mut predict = Command::new(command);
    predict.arg("predict").arg(&model).arg(&split.test);
    predict.args(["--interval", &LEVEL.to_string()]);
    predict.arg("--output").arg(&predicted).stdin(Stdio::null());
    let start = Instant::now();
    let output = predict.output().map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(last_line(&output.stderr));
    }
    let predicted = last_columns(&predicted, table.separator)?;
    Ok(Outcome {
        rmse: compare(&split.truth, &predicted.predictions)?,
        fit,
        predict: seconds,
        expected: report["out_of_fold"]["rmse"].as_f64(),
        intervals: Intervals::compare(&split.truth, &predicted)?,
        version: String::new(),
    })
}

/// What `chainrule predict` adds to a table: its last three columns.
fn last_columns(path: &Path, separator: char) -> Result<Predicted, String> {
    const NAMES: [&str; 3] = ["prediction", "prediction_lower", "prediction_upper"];
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator as u8).flexible(true);
    let mut reader = reader
        .has_headers(false)
        .from_path(path)
        .map_err(in_words)?;
    let mut columns = [const { vec![] }; 3];
    for (line, record) in reader.byte_records().enumerate() {
        let record = record.map_err(in_words)?;
        let first = record.len().checked_sub(3);
        let first = first.ok_or_else(|| format!("{} cells were predicted", record.len()))?;
        let cells = (first..).map(|place| String::from_utf8_lossy(&record[place]));
        for ((column, name), cell) in columns.iter_mut().zip(NAMES).zip(cells) {
            if line > 0 {
                let number = cell.parse();
                column.push(number.map_err(|_| format!("{name}: {cell:?} was predicted"))?);
            } else if cell != name {
                return Err(format!("the column {cell:?} in place of {name}"));
            }
        }
    }
    let [predictions, lower, upper] = columns;
    Ok(Predicted {
        predictions,
        lower: Some(lower),
        upper: Some(upper),
    })
}

fn in_words(error: csv::Error) -> String {
    error.to_string()
}

/// The peers' environments, and what they found before.
pub struct Peers<'a> {
    /// `bench/accuracy`.
    source: PathBuf,
    /// Below the target folder.
    folder: &'a Path,
    /// The Python of each list of packages that was needed, or why there is none.
    pythons: BTreeMap<&'static str, Result<PathBuf, String>>,
}

/// What is kept of a peer's result on a split.
#[derive(Serialize, Deserialize)]
struct Kept {
    made_from: u64,
    outcome: Outcome,
}

impl<'a> Peers<'a> {
    /// No environment is made yet.
    pub fn new(root: &Path, folder: &'a Path) -> Peers<'a> {
        Peers {
            source: root.join("bench/accuracy"),
            folder,
            pythons: BTreeMap::new(),
        }
    }

    /// What the peer reaches on each split; splits that it has solved before are not solved again.
    pub fn measure(
        &mut self,
        contender: &'static Contender,
        table: &Table,
        splits: &[Split],
    ) -> Result<Vec<Outcome>, String> {
        if let Some(most) = contender.most_rows.filter(|most| table.rows > *most) {
            return Err(format!("it would take too long: over {most} rows"));
        }
        if let Some(tables) = contender
            .tables
            .as_ref()
            .filter(|tables| !tables.contains(&table.name))
        {
            return Err(format!("it takes part on {} alone", tables.join(", ")));
        }
        let kept = self.folder.join("kept").join(&contender.name);
        fs::create_dir_all(&kept).map_err(|error| format!("{}: {error}", kept.display()))?;
        let of_peer = self.made_from(contender, table)?;
        let made_from = |split: &Split| hash((of_peer, split.fingerprint));
        let file = |i: usize| kept.join(format!("{}-{i}.json", table.name));
        let mut outcomes: Vec<Option<Outcome>> = (0..splits.len())
            .map(|i| look_up(&file(i), made_from(&splits[i])))
            .collect();
        let open: Vec<usize> = (0..splits.len())
            .filter(|&i| outcomes[i].is_none())
            .collect();
        if !open.is_empty() {
            let todo: Vec<&Split> = open.iter().map(|&i| &splits[i]).collect();
            self.run(contender, table, &todo, &mut |place, outcome| {
                let i = open[place];
                keep(&file(i), made_from(&splits[i]), &outcome)?;
                outcomes[i] = Some(outcome);
                Ok(())
            })?;
        }
        let outcomes: Option<Vec<Outcome>> = outcomes.into_iter().collect();
        outcomes.ok_or_else(|| "it answered too seldom".to_string())
    }

    /// Stands for everything but the rows that a result depends on.
    fn made_from(&self, contender: &Contender, table: &Table) -> Result<u64, String> {
        let protocol = repository::read(&self.source.join("peers/protocol.py"))?;
        let script = repository::read(&self.source.join("peers").join(&contender.script))?;
        let packages = repository::read(&self.source.join(&contender.requirements))?;
        let request = request(table, &[]).to_string();
        let variant = &contender.variant;
        Ok(hash((protocol, script, packages, variant, request)))
    }

    /// Runs the peer on some splits and hands over each outcome, with its split's place, as it comes.
    fn run(
        &mut self,
        contender: &'static Contender,
        table: &Table,
        splits: &[&Split],
        tell: &mut dyn FnMut(usize, Outcome) -> Result<(), String>,
    ) -> Result<(), String> {
        let python = self.python(&contender.requirements)?;
        let working = tempfile::tempdir().map_err(|error| error.to_string())?;
        let in_words = |error: std::io::Error| error.to_string();
        let (asked, said) = (
            working.path().join("request.json"),
            working.path().join("said"),
        );
        fs::write(&asked, request(table, splits).to_string()).map_err(in_words)?;

        let mut command = Command::new(python);
        command.arg(self.source.join("peers").join(&contender.script));
        command.arg(&asked).arg(THREADS.to_string());
        command.args(&contender.variant).current_dir(working.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let words = File::create(&said).map_err(in_words)?;
        let mut running = command.stderr(words).spawn().map_err(in_words)?;
        let answers = running.stdout.take().expect("it is piped");
        let mut told = Ok(());
        let lines = BufReader::new(answers).lines();
        for (place, (line, split)) in lines.zip(splits).enumerate() {
            let line = line.map_err(in_words);
            told = line.and_then(|line| tell(place, outcome(&line, split)?));
            if told.is_err() {
                running.kill().map_err(in_words)?;
                break;
            }
        }
        let status = running.wait().map_err(in_words)?;
        told?;
        match status.success() {
            true => Ok(()),
            false => Err(last_line(&fs::read(&said).map_err(in_words)?)),
        }
    }

    fn python(&mut self, requirements: &'static str) -> Result<PathBuf, String> {
        let made = self.pythons.entry(requirements).or_insert_with(|| {
            let environment = self.folder.join(requirements).with_extension("");
            builds::environment(&self.source.join(requirements), &environment)
        });
        made.clone()
    }
}

/// What a peer is told.
fn request(table: &Table, splits: &[&Split]) -> Value {
    let files = |split: &&Split| json!({"train": split.train, "test": split.test});
    json!({
        "target": table.target,
        "ignore": table.ignore,
        "categories": table.categories,
        "missing": table.missing,
        "separator": table.separator,
        "encoding": table.encoding,
        "level": LEVEL,
        "splits": splits.iter().map(files).collect::<Vec<_>>(),
    })
}

/// What a peer answered for a split.
fn outcome(line: &str, split: &Split) -> Result<Outcome, String> {
    #[derive(Deserialize)]
    struct Answer {
        version: String,
        fit: f64,
        predict: f64,
        #[serde(flatten)]
        predicted: Predicted,
    }
    let answer: Answer = serde_json::from_str(line).map_err(|error| error.to_string())?;
    Ok(Outcome {
        rmse: compare(&split.truth, &answer.predicted.predictions)?,
        fit: answer.fit,
        predict: answer.predict,
        expected: None,
        intervals: Intervals::compare(&split.truth, &answer.predicted)?,
        version: answer.version,
    })
}

/// The RMSE of as many predictions as there are rows.
fn compare(truth: &[f64], predictions: &[f64]) -> Result<f64, String> {
    if predictions.len() != truth.len() {
        let (found, rows) = (predictions.len(), truth.len());
        return Err(format!("{found} predictions of {rows} rows"));
    }
    Ok(rmse(truth, predictions))
}

fn rmse(truth: &[f64], predictions: &[f64]) -> f64 {
    let squares = truth.iter().zip(predictions).map(|(y, p)| (y - p).powi(2));
    (squares.sum::<f64>() / truth.len() as f64).sqrt()
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// What was kept, if it was made from the same.
fn look_up(file: &Path, made_from: u64) -> Option<Outcome> {
    let text = fs::read_to_string(file).ok()?;
    let kept: Kept = serde_json::from_str(&text).ok()?;
    (kept.made_from == made_from).then_some(kept.outcome)
}

fn keep(file: &Path, made_from: u64, outcome: &Outcome) -> Result<(), String> {
    let outcome = outcome.clone();
    let kept = serde_json::to_string(&Kept { made_from, outcome });
    let kept = kept.map_err(|error| error.to_string())?;
    fs::write(file, kept).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split() -> Split {
        Split {
            train: "train.csv".into(),
            test: "test.csv".into(),
            truth: vec![1.0, 3.0],
            mean: 4.0,
            fingerprint: 7,
        }
    }

    #[test]
    fn errors_are_root_mean_squares_over_all_test_rows() {
        assert_eq!(mean(&[split()])[0].rmse, 5f64.sqrt());
        let line = r#"{"version": "v", "fit": 1.0, "predict": 2.0, "predictions": [1.0, 5.0]}"#;
        let found = outcome(line, &split()).unwrap();
        assert_eq!((found.rmse, found.fit), (2f64.sqrt(), 1.0));
        let short = line.replace("1.0, 5.0", "1.0");
        let reason = outcome(&short, &split()).unwrap_err();
        assert_eq!(reason, "1 predictions of 2 rows");
    }

    #[test]
    fn a_kept_result_is_taken_only_for_what_it_was_made_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("concrete-0.json");
        let outcome = Outcome {
            rmse: 4.25,
            ..Outcome::default()
        };
        keep(&file, 1, &outcome).unwrap();
        assert_eq!(look_up(&file, 1), Some(outcome));
        assert_eq!(look_up(&file, 2), None);
        assert_eq!(look_up(&folder.path().join("concrete-1.json"), 1), None);
    }

    #[test]
    fn a_peer_that_gives_bounds_has_intervals() {
        let line = r#"{"version": "v", "fit": 1.0, "predict": 2.0, "predictions": [1.0, 5.0]}"#;
        assert_eq!(outcome(line, &split()).unwrap().intervals, None);
        let line = line.replace("}", r#", "lower": [0.5, 4.0], "upper": [1.5, 7.0]}"#);
        let intervals = outcome(&line, &split()).unwrap().intervals.unwrap();
        assert_eq!((intervals.all().share(), intervals.width), (0.5, 2.0));
    }

    #[test]
    fn the_last_columns_are_what_was_predicted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("predicted.csv");
        let head = "a;prediction;prediction_lower;prediction_upper\n";
        let read = |text: String| {
            fs::write(&file, text).unwrap();
            last_columns(&file, ';')
        };
        let found = read(format!("{head}\"x;y\";1.5;-1;2\n;-2e3;-3e3;0\n")).unwrap();
        let expected = Predicted {
            predictions: vec![1.5, -2000.0],
            lower: Some(vec![-1.0, -3000.0]),
            upper: Some(vec![2.0, 0.0]),
        };
        assert_eq!(found, expected);
        let reason = read(format!("{head}x;1;;2\n")).unwrap_err();
        assert_eq!(reason, "prediction_lower: \"\" was predicted");
        let reason = read("a;b;prediction\nx;2;1\n".to_string()).unwrap_err();
        assert_eq!(reason, "the column \"a\" in place of prediction");
        let reason = read("a;prediction\nx;2\n".to_string()).unwrap_err();
        assert_eq!(reason, "2 cells were predicted");
    }
}

//! `chainrule train`: a model file from a table; stopped, a checkpoint that `--resume` continues from.

mod keeping;
mod report;
mod rhythm;
mod several;

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use chainrule::training::{Control, Outcome, TrainingError};
use chainrule_report::Portrait;
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{
    Composition, Deadline, Destination, Fitting, MemberEvent, Roles, TableFacts, model_file, shown,
};

use self::keeping::{Places, checkpoint_of, remove, resume_command};
use self::rhythm::Rhythm;
use super::report::write as write_page;
use crate::args::TrainArgs;
use crate::config;
use crate::failure::{Failure, say, warn};
use crate::files;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::reading::{TrainingTable, training_table};
use crate::settings::{composition, differences};

/// Time between two checkpoints unless another is asked for: what a power cut can cost.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(30);

/// Bytes of a checkpoint for each parameter: itself, the best epoch's, and two averages of the optimizer.
const BYTES_PER_PARAMETER: usize = 16;

/// Trains, saves the model, prints how good it is; for each target one after the other.
pub fn run(mut args: TrainArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let config = args.config.clone();
    let told = config
        .map(|file| config::apply(&file, &mut args))
        .transpose()?;
    let trainings = several::trainings(&args)?;
    // Before the first training: nobody should learn after an hour that a result has no place.
    let results = trainings.iter().map(Results::of);
    let results: Vec<Results> = results.collect::<Result<_, Failure>>()?;
    let begun = results.iter().position(Results::are_begun).unwrap_or(0);
    // What comes before the training that was interrupted is done, unless its model has gone.
    let is_left = |nth: usize| !args.resume || nth >= begun || !results[nth].are_there();
    let all = trainings.iter().zip(&results).enumerate();
    let left: Vec<_> = all.filter(|(nth, _)| is_left(*nth)).collect();
    for (turn, (nth, (args, results))) in left.iter().enumerate() {
        if trainings.len() > 1 {
            let target = shown::label(&args.target[0]);
            say(&format!(
                "target {} of {}: {target}",
                nth + 1,
                trainings.len()
            ));
        }
        let waiting = left[turn + 1..].iter();
        let waiting = waiting.map(|(_, (args, _))| args.target[0].as_str());
        train(args, told.clone(), results, out)
            .map_err(|failure| several::with_those_that_wait(failure, waiting))?;
    }
    Ok(())
}

/// Where what a training gives goes.
struct Results {
    model: Destination,
    page: Option<Destination>,
    places: Places,
}

impl Results {
    /// Fails where a result could not be written, or would take the place of what is read.
    fn of(args: &TrainArgs) -> Result<Results, Failure> {
        let read = || {
            [args.table.as_path()]
                .into_iter()
                .chain(args.config.as_deref())
        };
        files::expect_apart(&args.model, read())?;
        let beside = [
            ("--save-config", &args.save_config),
            ("--report", &args.report),
        ];
        let beside = beside.map(|(option, file)| Some((option, file.as_deref()?)));
        let mut written = vec![("--model", args.model.as_path())];
        written.extend(beside.into_iter().flatten());
        files::expect_different(&written)?;
        for (_, file) in &written[1..] {
            files::expect_apart(file, read())?;
            files::expect_writable(file)?;
        }
        let page = args.report.as_deref().map(files::expect_writable);
        let page = page.transpose()?;
        let model = files::expect_writable(&args.model)?;
        let places = Places::of(&args.model, &model);
        expect_checkpoint(&places, args)?;
        drop(places.lock(&model)?); // to refuse early; it is taken once no signal can end the process with it
        Ok(Results {
            model,
            page,
            places,
        })
    }

    /// Whether a training was interrupted.
    fn are_begun(&self) -> bool {
        let checkpoint = self.places.checkpoint();
        checkpoint.is_some_and(|checkpoint| checkpoint.exists())
    }

    /// Whether there is a model.
    fn are_there(&self) -> bool {
        self.model.file().is_some_and(Path::exists)
    }
}

/// One training, of the one target that the options name.
fn train(
    args: &TrainArgs,
    told: Option<Composition>,
    results: &Results,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Results {
        model: destination,
        page: page_place,
        places,
    } = results;
    let TrainingTable {
        table,
        roles,
        findings,
        mut warnings,
    } = training_table(&args.table, &args.target[0], &args.form, &args.columns)?;
    let interrupt = Interrupt::catch()?;
    let _lock = places.lock(destination)?;
    expect_checkpoint(places, args)?;
    // The training needs the encoded rows alone, a report shows others.
    let mut kept = None;
    let table = match args.report {
        Some(_) => Cow::Borrowed(&*kept.insert(table)),
        None => Cow::Owned(table),
    };
    let mut fitting = begin(args, told, table, roles, places)?;
    if let Some(file) = &args.save_config {
        config::save(file, args, fitting.composition())?;
    }
    let shown = kept.map(|table| (table, findings));
    announce(&fitting);
    if results.are_there() {
        say(&format!(
            "{} is there already: the new model will take its place",
            args.model.display()
        ));
    }
    warnings.extend_from_slice(fitting.warnings());

    let outcome = match fit(&mut fitting, args, places, &interrupt) {
        Ok(Outcome::Interrupted) if interrupt.pressed() || !fitting.end_early() => {
            return Err(interrupted(&fitting, args, places, &interrupt));
        }
        Ok(outcome) => outcome,
        Err(error) => return Err(diverged(&fitting, &error, args, places)),
    };
    let regressor = fitting.regressor();
    if let Err(error) = model_file::save(&regressor, &args.model) {
        return Err(unsaved(&fitting, &error.to_string(), args, places));
    }
    if let Some(checkpoint) = places.checkpoint() {
        remove(&checkpoint);
    }
    let report = fitting.report();
    let written: Vec<&Destination> = [destination].into_iter().chain(page_place).collect();
    report::print(
        &report,
        &warnings,
        &regressor,
        outcome,
        args,
        &mut *files::told_beside(&written, out),
    )?;
    let (Some(page), Some((table, findings))) = (&args.report, shown) else {
        return Ok(());
    };
    let model = &args.model;
    let portrait = Portrait::of_training(&regressor, model, &table, findings, &fitting, &report);
    let portrait = portrait.map_err(Failure::from_error)?;
    let settings = config::text(args, fitting.composition()).map_err(Failure::from_error)?;
    write_page(page, &portrait, &settings)
}

/// A checkpoint is neither thrown away nor taken up without being asked.
fn expect_checkpoint(places: &Places, args: &TrainArgs) -> Result<(), Failure> {
    let Some(checkpoint) = places.checkpoint() else {
        return match args.resume {
            false => Ok(()),
            true => Err(Failure::Message(format!(
                "{} is no file, so no checkpoint stands beside it: give --resume the --model that the interrupted training named",
                args.model.display()
            ))),
        };
    };
    files::expect_apart(&checkpoint, [args.table.as_path()])?;
    if args.resume || !checkpoint.exists() {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "{} is the checkpoint of an interrupted training: continue it with --resume, or delete it to start anew",
        checkpoint.display()
    )))
}

/// A new training, or the one that the checkpoint keeps.
fn begin(
    args: &TrainArgs,
    told: Option<Composition>,
    table: Cow<'_, TypedTable>,
    roles: Roles,
    places: &Places,
) -> Result<Fitting, Failure> {
    let facts = TableFacts::of(&table, &roles).map_err(Failure::from_error)?;
    let checkpoint = places.checkpoint().filter(|_| args.resume);
    let stored = checkpoint
        .as_deref()
        .filter(|checkpoint| checkpoint.exists());
    if let (Some(missing), None) = (&checkpoint, stored) {
        // No failure, so that a job that is started again and again needs one command.
        say(&format!(
            "{} does not exist, so this training starts anew",
            missing.display()
        ));
    }
    let Some(checkpoint) = stored else {
        let composition = told.map_or_else(|| composition(args, facts, None), Ok)?;
        return Fitting::new(table, roles, composition).map_err(Failure::from_error);
    };
    let stored = model_file::load_checkpoint(checkpoint).map_err(Failure::from_error)?;
    let was = stored.composition();
    let (asked, mut different) = match told {
        None => {
            let asked = composition(args, facts, Some(was))?;
            let different = differences(was, &asked);
            (asked, different)
        }
        Some(told) => {
            // Threads change no result.
            let is_other = was.clone().with_threads(0) != told.clone().with_threads(0);
            let other = is_other.then(|| "--config names a file of other settings".to_owned());
            (told, other.into_iter().collect())
        }
    };
    let names = |roles: &Roles| [Some(roles.target.clone()), roles.weight.clone()];
    let pairs = names(stored.roles()).into_iter().zip(names(&roles));
    for (option, (was, now)) in ["--target", "--weight"].into_iter().zip(pairs) {
        if was != now {
            let label =
                |name: Option<String>| name.map_or("none".to_owned(), |name| shown::label(&name));
            different.push(format!("{option} was {}, now {}", label(was), label(now)));
        }
    }
    if !different.is_empty() {
        let (checkpoint, different) = (checkpoint.display(), different.join("; "));
        let message = format!(
            "{checkpoint} was made with other options: {different}. Continue with its own, or delete it to start anew"
        );
        return Err(Failure::Message(message));
    }
    let threads = asked.bags[0].training.threads;
    Fitting::resume(table, stored.with_threads(threads)).map_err(Failure::from_error)
}

/// Says what is about to be learnt from what.
fn announce(fitting: &Fitting) {
    for warning in fitting.warnings() {
        warn(warning);
    }
    for left_out in fitting.left_out() {
        say(&left_out);
    }
    let (training, validation) = fitting.rows();
    let kept = match validation {
        0 => String::new(),
        rows => format!(", {rows} kept for validation"),
    };
    let (columns, inputs) = (
        fitting.encoding().columns().len(),
        fitting.encoding().inputs(),
    );
    let encoded = match inputs {
        _ if inputs == columns => String::new(),
        inputs if fitting.whole().members == 1 => format!(" as {inputs} inputs"),
        _ => String::new(),
    };
    let networks = match fitting.composition().bags.len() {
        1 if fitting.whole().members == 1 => String::new(),
        bags => format!(", {} networks in {bags} bags", fitting.whole().members),
    };
    let plural = if columns == 1 { "" } else { "s" };
    say(&format!(
        "training on {training} rows{kept}, {columns} column{plural}{encoded}{networks}; Ctrl-C stops and keeps a checkpoint"
    ));
}

/// Trains until the end or a signal, pausing for checkpoints.
fn fit(
    fitting: &mut Fitting,
    args: &TrainArgs,
    places: &Places,
    interrupt: &Interrupt,
) -> Result<Outcome, TrainingError> {
    let mut progress = Progress::new(fitting);
    let every = args.checkpoint_every.unwrap_or(CHECKPOINT_EVERY);
    let bytes = BYTES_PER_PARAMETER * fitting.parameter_count();
    let (start, mut rhythm) = (Instant::now(), Rhythm::new(every, bytes));
    let mut deadline = Deadline::new(start, args.time_limit, fitting);
    let checkpoint = places.checkpoint();
    let (mut warned, mut is_overdrawn) = (String::new(), false);
    loop {
        let is_due = || checkpoint.is_some() && rhythm.is_due(start.elapsed());
        let mut listen = |told: MemberEvent| {
            deadline.hear(&told);
            if deadline.is_overdrawn() && !is_overdrawn {
                is_overdrawn = true;
                say(
                    "the time is over, and no network has finished its first epoch: training goes on until one has",
                );
            }
            progress.show(told);
            if interrupt.pressed() || is_due() || deadline.is_over() {
                Control::Stop
            } else {
                Control::Continue
            }
        };
        let outcome = fitting.run(&mut listen)?;
        if outcome != Outcome::Interrupted || interrupt.pressed() || deadline.is_over() {
            return Ok(outcome);
        }
        let Some(checkpoint) = &checkpoint else {
            continue;
        };
        let pause = Instant::now();
        // A disk that is full now may have room at the next checkpoint; the training need not die of it.
        if let Err(error) = model_file::save_checkpoint(&fitting.checkpoint(), checkpoint) {
            let error = error.to_string();
            if error != warned {
                warn(&error);
                warned = error;
            }
        }
        rhythm.wrote(start.elapsed(), pause.elapsed());
    }
}

/// Keeps the training for later and says how to go on.
fn interrupted(
    fitting: &Fitting,
    args: &TrainArgs,
    places: &Places,
    interrupt: &Interrupt,
) -> Failure {
    let (epochs, of) = (fitting.finished_epochs(), fitting.whole().epochs);
    match keep(fitting, args, places) {
        Ok(kept) => Failure::Interrupted {
            message: format!("interrupted after {epochs} of {of} epochs; {kept}"),
            exit_code: interrupt.exit_code(),
        },
        Err(refusals) => Failure::Message(format!(
            "interrupted, and the training could not be kept: {refusals}"
        )),
    }
}

/// Keeps a finished training whose model could not be saved, and says how to save it.
fn unsaved(fitting: &Fitting, error: &str, args: &TrainArgs, places: &Places) -> Failure {
    Failure::Message(match keep(fitting, args, places) {
        Ok(kept) => format!("{error}. The finished training is not lost: {kept}"),
        Err(refusals) => format!("{error}. The training could not be kept either: {refusals}"),
    })
}

/// Writes a checkpoint to the first place that takes it, and gives the words that lead there.
fn keep(fitting: &Fitting, args: &TrainArgs, places: &Places) -> Result<String, String> {
    let checkpoint = fitting.checkpoint();
    let save = |file: &Path| model_file::save_checkpoint(&checkpoint, file);
    let kept = places.keep(checkpoint_of, save)?;
    Ok(format!(
        "{} keeps the training. To continue it:\n  {}",
        kept.file.display(),
        resume_command(args, &kept.model)
    ))
}

/// Saves what the library kept of a training that failed, if it got anywhere, and says so.
fn diverged(
    fitting: &Fitting,
    error: &TrainingError,
    args: &TrainArgs,
    places: &Places,
) -> Failure {
    let regressor = fitting.regressor();
    let saved = if fitting.history().is_empty() {
        Ok(format!(
            "{error}. No epoch was finished, so no model is written"
        ))
    } else if let Err(unsaved) = model_file::save(&regressor, &args.model) {
        let save = |file: &Path| model_file::save(&regressor, file);
        match places.keep(Path::to_path_buf, save) {
            Ok(kept) => Ok(format!(
                "{error} in {}, because {unsaved}",
                kept.file.display()
            )),
            Err(refusals) => Err(format!("{error}. They could not be saved: {refusals}")),
        }
    } else {
        Ok(format!("{error} in {}", args.model.display()))
    };
    // Continuing it would diverge at the same step, but it may be all that there is.
    if let (Ok(_), Some(checkpoint)) = (&saved, places.checkpoint()) {
        remove(&checkpoint);
    }
    Failure::Message(saved.unwrap_or_else(|unsaved| unsaved))
}

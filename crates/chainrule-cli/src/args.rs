//! The command line: every command, its options and its examples, as `--help` shows them.

use std::path::PathBuf;
use std::time::Duration;

use chainrule::loss_functions::Loss;
use chainrule::optimizers::{Optimizer, Schedule};
use chainrule_tabular::Activations;
use chainrule_tabular::table::Separator;
use chainrule_tabular::table::plan::TimeOrder;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::tips::with_a_tip_that_helps;
use crate::values::{
    Batch, DEMO_EPOCHS, HiddenWidths, IntervalLevel, parse_activation, parse_batch,
    parse_column_name, parse_count, parse_date, parse_decimal, parse_folds, parse_hidden,
    parse_interval, parse_loss, parse_non_negative, parse_positive, parse_schedule, parse_seed,
    parse_separator, parse_share, parse_threads, parse_time,
};

/// Regression neural networks to read, check and use.
#[derive(Parser)]
#[command(
    name = "chainrule",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "Examples:
  chainrule demo                                  a network on an embedded table, with plots
  chainrule inspect houses.csv                    what the table holds, and what looks suspicious
  chainrule train houses.csv --target price       a model of your table: model.safetensors
  chainrule predict model.safetensors new.csv     the table with a column `prediction`
  chainrule explain model.safetensors new.csv --row 1
                                                  one row's way through every equation

Tables are text (comma, semicolon, tab, ...), JSON, Parquet or workbooks; `-` reads standard input.
Results go to standard output, progress and messages to standard error.
Exit codes: 0, 1 for failures, 2 for wrong usage, 130 after Ctrl-C, 143 and 129 after SIGTERM and SIGHUP."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    Demo(DemoArgs),
    Inspect(Box<InspectArgs>),
    Train(Box<TrainArgs>),
    Predict(PredictArgs),
    Evaluate(EvaluateArgs),
    Describe(DescribeArgs),
    Check(CheckArgs),
    Explain(ExplainArgs),
    Report(ReportArgs),
    Completions(CompletionsArgs),
}

/// Train a small network on an embedded table of 442 patients and show how good it is
///
/// The table is data/diabetes.csv (Efron et al. 2004), split at random into 80 % training and 20 % test rows. The
/// network's gradients are checked against finite differences before it is trained; its errors stand beside those of
/// predicting the mean and of ordinary least squares on the same rows.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule demo
  chainrule demo --seed 7 --figure seed7.svg
  chainrule demo --json
  chainrule demo --cross-validate 10

The object that --json prints:
  rmse.before, rmse.train                  on the training rows, before and after training
  rmse.test                                on the test rows, after training
  baseline.mean, baseline.least_squares    on the test rows
  gradient_check.max_relative_error        of the untrained network on a batch of training rows")]
pub struct DemoArgs {
    /// Print one JSON object instead of tables and plots
    #[arg(long)]
    pub json: bool,
    /// Of the split, the initial weights and the order of the rows
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = parse_seed, allow_hyphen_values = true)]
    pub seed: u64,
    /// How often training goes through the rows
    #[arg(long, default_value_t = DEMO_EPOCHS, value_name = "N", value_parser = parse_count, allow_hyphen_values = true)]
    pub epochs: usize,
    /// Where the plots are written as SVG [default: chainrule-demo.svg; none with --json]
    #[arg(long, value_name = "FILE.svg", value_hint = clap::ValueHint::FilePath)]
    pub figure: Option<PathBuf>,
    /// Instead of one split: the mean test RMSE over K folds of the rows, beside that of least squares
    #[arg(long, value_name = "K", value_parser = parse_folds, allow_hyphen_values = true, conflicts_with = "figure")]
    pub cross_validate: Option<usize>,
}

/// Show what a table holds and what looks suspicious in it
///
/// How the table is written; of each column its kind, its gaps, its range with a small histogram or its most usual
/// values, and what a training would make of it; then whatever is worth a look: an input that gives the target away, a
/// counter, repeated rows, values like -999, values far from all others.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule inspect houses.csv
  chainrule inspect houses.csv --target price
  chainrule inspect houses.xlsx --sheet 2 --json")]
pub struct InspectArgs {
    /// Table: text, JSON, Parquet, a workbook, or - for standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub table: PathBuf,
    /// Column that is to be predicted: what gives it away is looked for
    #[arg(long, value_name = "COLUMN")]
    pub target: Vec<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub form: FormArgs,
    #[command(flatten)]
    pub columns: ColumnArgs,
}

/// Train a model on a table and save it as a file
///
/// Without further options the model is the mean of some networks, and its error comes from rows that the predicting
/// networks had not seen. With options of a network or its training it is that one network.
///
/// Inputs are all columns but the target: numbers, categories, dates, each with gaps. What identifies rows, is free
/// text or never changes is left out, and said. How columns are read and encoded is part of the model, and predictions
/// are in the target's own unit. Ctrl-C (also SIGTERM, SIGHUP) stops after the current step and keeps a checkpoint
/// beside the model file (FILE.checkpoint, also written after 2 seconds and then every 30); the same command with
/// --resume continues from it to the same model that an uninterrupted run gives.
#[derive(Args, Clone)]
#[command(after_help = "Examples:
  chainrule train houses.csv --target price
  chainrule train houses.csv --target price --hidden 32,16 --model prices.safetensors
  chainrule train claims.csv --target claims --loss poisson_deviance
  chainrule train houses.csv --target price --epochs 5000 --patience 200
  chainrule train houses.csv --target price --ignore id --categorical postcode
  chainrule train häuser.csv --target preis --decimal , --missing k.A.
  chainrule train houses.csv --target price --report houses.html
  chainrule train houses.csv --target price --save-config houses.toml
  chainrule train newer.csv --config houses.toml
  chainrule train energy.csv --target heating --target cooling
  chainrule train houses.csv --target price --resume
  gzip -dc houses.csv.gz | chainrule train - --target price")]
pub struct TrainArgs {
    /// Table to learn from: text, JSON, Parquet, a workbook, or - for standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub table: PathBuf,
    /// Column to predict; where it is given several times, each gets a model of its own, and none is an input
    #[arg(long, value_name = "COLUMN", required_unless_present = "config")]
    pub target: Vec<String>,
    /// Model file to write; with several targets, FILE-TARGET for each
    #[arg(long, value_name = "FILE", default_value = "model.safetensors", value_hint = clap::ValueHint::FilePath)]
    pub model: PathBuf,
    /// Continue an interrupted training from its checkpoint; without one, start anew
    ///
    /// Options that are given must be those of the interrupted training; those left out are taken from it.
    #[arg(long)]
    pub resume: bool,
    /// What is trained: `strong`, bags of networks over several encodings, judged out of fold; or `basic`, the plain
    /// network that the options of a network and its training describe
    /// [default: strong; basic where such an option is given]
    #[arg(long, value_name = "NAME", value_enum)]
    pub recipe: Option<RecipeName>,
    /// Networks in each bag of the strong recipe: each learns without one of so many folds of the rows
    /// [default: 8 or 5, by the table's size]
    #[arg(long, value_name = "N", value_parser = parse_folds, allow_hyphen_values = true)]
    pub members: Option<usize>,
    /// Train what this TOML file says, which --save-config has written; options of what it says cannot be given beside
    /// it
    #[arg(long, value_name = "FILE.toml", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Write every setting of this training to a TOML file, to be read again with --config
    #[arg(long, value_name = "FILE.toml", value_hint = clap::ValueHint::FilePath)]
    pub save_config: Option<PathBuf>,
    /// Write a page to look at: errors beside those of simpler models, figures, the rows that are missed by most
    #[arg(long, value_name = "FILE.html", value_hint = clap::ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// Make the best model that so much time allows: 30s, 5m, 1h30m, or a number of seconds
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub time_limit: Option<Duration>,
    /// Time between two checkpoints; more where writing them would cost over one per cent of the time [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub checkpoint_every: Option<Duration>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub form: FormArgs,
    #[command(flatten)]
    pub columns: ColumnArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
    #[command(flatten)]
    pub training: TrainingArgs,
}

impl TrainArgs {
    /// The options that were given and that the strong recipe leaves no choice for.
    pub fn describing_one_network(&self) -> Vec<&'static str> {
        let (network, training) = (&self.network, &self.training);
        let given = [
            ("--hidden", network.hidden.is_some()),
            ("--activation", network.activation.is_some()),
            ("--l2", network.l2.is_some()),
            ("--epochs", training.epochs.is_some()),
            ("--batch", training.batch.is_some()),
            ("--optimizer", training.optimizer.is_some()),
            ("--learning-rate", training.learning_rate.is_some()),
            ("--schedule", training.schedule.is_some()),
            ("--weight-decay", training.weight_decay.is_some()),
            ("--clip-norm", training.clip_norm.is_some()),
            ("--validation", training.validation.is_some()),
            ("--patience", training.patience.is_some()),
        ];
        let given = given.into_iter().filter(|(_, given)| *given);
        given.map(|(option, _)| option).collect()
    }
}

/// How a table is written, where looking at it is not enough.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Table")]
pub struct FormArgs {
    /// What stands between two values: comma, semicolon, tab, pipe, spaces, or a sign [default: found by looking]
    #[arg(long, value_name = "SIGN", value_parser = parse_separator)]
    pub separator: Option<Separator>,
    /// Decimal sign of the numbers: . or , [default: found by looking]
    #[arg(long, value_name = "SIGN", value_parser = parse_decimal)]
    pub decimal: Option<char>,
    /// The first line is a row: the columns are called c1, c2, ...
    #[arg(long)]
    pub no_header: bool,
    /// Sheet of a workbook, by its name or its number from 1 [default: the first]
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// A further word that stands for a missing value, such as -999; may be repeated
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    pub missing: Vec<String>,
}

/// What the columns of a training table are. Each option may be repeated.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Columns")]
pub struct ColumnArgs {
    /// Leave this column out
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,
    /// Use this input and those named with further --only, and no others
    #[arg(long, value_name = "COLUMN")]
    pub only: Vec<String>,
    /// The values of this column are categories, even where they look like numbers
    #[arg(long, value_name = "COLUMN")]
    pub categorical: Vec<String>,
    /// The values of this column are numbers, even where they only count
    #[arg(long, value_name = "COLUMN")]
    pub numeric: Vec<String>,
    /// The values of this column are dates: COLUMN, or COLUMN=d/m/y, =m/d/y, =y-m-d, =unix
    #[arg(long, value_name = "COLUMN", value_parser = parse_date)]
    pub date: Vec<(String, Option<TimeOrder>)>,
    /// Column that says how much each row counts in training
    #[arg(long, value_name = "COLUMN")]
    pub weight: Option<String>,
    /// What happens to rows that cannot be read: stop, or skip them and say how many [default: stop]
    #[arg(
        long,
        value_name = "WHAT",
        value_enum,
        default_value = "stop",
        hide_default_value = true
    )]
    pub on_error: OnErrorName,
}

/// Names of the recipes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecipeName {
    Strong,
    Basic,
}

/// Names of what happens to rows that cannot be read.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OnErrorName {
    #[default]
    Stop,
    Skip,
}

/// The network: what `train` and `check` share. Options left out keep the defaults of the library.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Widths of the hidden layers, from the inputs to the out layer; none for linear regression [default: 64,64]
    #[arg(long, value_name = "WIDTHS", value_parser = parse_hidden, allow_hyphen_values = true)]
    pub hidden: Option<HiddenWidths>,
    /// Activation function of the hidden layers, or one for each such as tanh,relu: relu, leaky_relu, leaky_relu(0.2),
    /// identity, tanh, sigmoid, gelu, silu, mish, softplus [default: relu]
    #[arg(long, value_name = "NAME", value_parser = parse_activation)]
    pub activation: Option<Activations>,
    /// Loss: mean_square_error, mean_absolute_error, huber(1.0), pinball(0.9), poisson_deviance, gamma_deviance
    /// [default: mean_square_error]
    #[arg(long, value_name = "NAME", value_parser = parse_loss)]
    pub loss: Option<Loss>,
    /// Penalty λ: adds λ/2 times the sum of all squared weights (not biases) to the loss [default: 0]
    #[arg(long, value_name = "λ", value_parser = parse_non_negative, allow_hyphen_values = true)]
    pub l2: Option<f64>,
    /// Of everything random: initial weights, validation rows, order of the rows [default: 0]
    #[arg(long, value_name = "N", value_parser = parse_seed, allow_hyphen_values = true)]
    pub seed: Option<u64>,
}

/// How `train` learns. Options left out keep the defaults of the library.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Training")]
pub struct TrainingArgs {
    /// How often training goes through the rows, at most [default: 200]
    #[arg(long, value_name = "N", value_parser = parse_count, allow_hyphen_values = true)]
    pub epochs: Option<usize>,
    /// Rows per step, or `all` [default: 32]
    #[arg(long, value_name = "N", value_parser = parse_batch, allow_hyphen_values = true)]
    pub batch: Option<Batch>,
    /// Optimizer: gradient_descent, momentum, nesterov, adam, adam_w [default: adam]
    #[arg(long, value_name = "NAME")]
    pub optimizer: Option<Optimizer>,
    /// Learning rate η [default: 0.001]
    #[arg(long, value_name = "η", value_parser = parse_positive, allow_hyphen_values = true)]
    pub learning_rate: Option<f64>,
    /// How the learning rate changes: constant, cosine, step, or step(EVERY_EPOCHS,FACTOR) [default: constant]
    #[arg(long, value_name = "NAME", value_parser = parse_schedule, allow_hyphen_values = true)]
    pub schedule: Option<Schedule>,
    /// Decay of the optimizer adam_w, which has the place of --l2 there [default: 0.01]
    #[arg(long, value_name = "DECAY", value_parser = parse_non_negative, allow_hyphen_values = true)]
    pub weight_decay: Option<f64>,
    /// Scale gradients down to this norm where they exceed it [default: never]
    #[arg(long, value_name = "NORM", value_parser = parse_positive, allow_hyphen_values = true)]
    pub clip_norm: Option<f64>,
    /// Share of the rows that is kept for validation, from 0 (none) to below 1 [default: 0.2]
    #[arg(long, value_name = "SHARE", value_parser = parse_share, allow_hyphen_values = true)]
    pub validation: Option<f64>,
    /// Stop after this many epochs without a better validation loss [default: never]
    #[arg(long, value_name = "N", value_parser = parse_count, allow_hyphen_values = true)]
    pub patience: Option<usize>,
    /// Threads, of which the strong recipe takes as many as there are; the result is the same for any number
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_threads, allow_hyphen_values = true)]
    pub threads: Option<usize>,
}

/// The intervals around predictions.
#[derive(Args)]
pub struct IntervalArgs {
    /// Share of new rows that should lie between the bounds of their intervals, between 0 and 1; or none: no bounds
    /// [default: 0.9, if the model has intervals]
    #[arg(long, value_name = "SHARE", value_parser = parse_interval, allow_hyphen_values = true)]
    pub interval: Option<IntervalLevel>,
}

/// Add columns to a table: `prediction`, and its bounds `prediction_lower` and `prediction_upper`
///
/// Nine in ten new rows should lie between the bounds (--interval). Columns are found by name: their order is free, and
/// columns that the model does not know are kept as they are. Text and JSON lines come back as they came, byte for
/// byte, with the new values at the end of each row; other tables come back with commas, or as Parquet into a file of
/// that ending.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule predict model.safetensors new.csv > predicted.csv
  chainrule predict model.safetensors new.csv --output predicted.csv
  chainrule predict model.safetensors new.csv --interval 0.5
  chainrule predict model.safetensors new.csv --interval none --prediction-column price_estimate
  cat new.csv | chainrule predict model.safetensors - | head")]
pub struct PredictArgs {
    /// Model file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub model: PathBuf,
    /// Table with the model's input columns, or - for standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub table: PathBuf,
    #[command(flatten)]
    pub form: FormArgs,
    /// File to write instead of standard output; FILE.parquet is written as Parquet, of a table that is Parquet
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub interval: IntervalArgs,
    /// Name of the added column; the bounds have it with _lower and _upper behind it
    #[arg(long, value_name = "NAME", default_value = "prediction", value_parser = parse_column_name)]
    pub prediction_column: String,
}

/// Measure a model's errors on a table that has the target
///
/// Prints the number of rows, the root mean square error (rmse) and mean absolute error (mae) in the target's unit, and
/// the share of the target's variance that the model explains (r2: 1 is perfect, 0 is predicting the mean). Beside
/// them, the share of the rows that lie within their intervals, and how wide these are.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule evaluate model.safetensors test.csv
  chainrule evaluate model.safetensors test.csv --json")]
pub struct EvaluateArgs {
    /// Model file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub model: PathBuf,
    /// Table with the model's input columns and its target, or - for standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub table: PathBuf,
    #[command(flatten)]
    pub form: FormArgs,
    #[command(flatten)]
    pub interval: IntervalArgs,
    /// Print one JSON object: rows, rmse, mae, r2, interval
    #[arg(long)]
    pub json: bool,
}

/// Say what a model file holds: columns, layers, settings, training
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule describe model.safetensors
  chainrule describe model.safetensors --json

--json prints:
  target, columns, networks                of the model
  unseen                                   errors on rows that the predicting networks had not seen
  importance.rmse                          the error of the rows (importance.rows) whose columns are shuffled
  importance.columns[].rise                by how much it rises, on average over importance.shuffles
  importance.columns[].over_shuffles       the standard deviation of the rise from shuffle to shuffle
  importance.columns[].over_folds          the same from fold to fold, where there are folds
  dependence[].column                      how predictions move with one of the first columns
  dependence[].points[].value, at          its value as text, and as a number or in seconds since 1970
  dependence[].points[].mean               the mean prediction of dependence[].rows rows with this value
  dependence[].points[].spread             between which eight of ten of the rows' own curves lie")]
pub struct DescribeArgs {
    /// Model file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub model: PathBuf,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// Compare every gradient with finite differences, on real rows
///
/// Of a model, or of an untrained network given by options. The differences are taken over the very code that trains,
/// in double precision. Exit code 1 if the largest relative error of a layer exceeds 1e-6.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule check
  chainrule check --hidden 32,16 --activation gelu --loss huber --l2 0.01
  chainrule check --table houses.csv --target price
  chainrule check model.safetensors --table houses.csv")]
pub struct CheckArgs {
    /// Model file; without one, a network given by options is checked
    #[arg(value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["hidden", "activation", "loss", "l2", "seed", "target"])]
    pub model: Option<PathBuf>,
    /// Table whose rows are used [default: the table of `chainrule demo`]
    #[arg(long, value_name = "TABLE", value_hint = clap::ValueHint::FilePath)]
    pub table: Option<PathBuf>,
    /// Column of --table to predict
    #[arg(long, value_name = "COLUMN", requires = "table")]
    pub target: Option<String>,
    /// Use the first N rows of the table
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = parse_count, allow_hyphen_values = true)]
    pub rows: usize,
    #[command(flatten)]
    pub form: FormArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Show one row's way through every equation, and what each column adds to its prediction
///
/// Forward (F1-F3), the loss (L0-L7) and backward (B1-B4), each matrix with its shape; beside each gradient its finite
/// difference (G1). The equations' numbers are those of docs/backpropagation.md.
///
/// Then the reasons: what each column adds to the mean prediction (Shapley values). docs/reasons.md says what they are.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule explain model.safetensors houses.csv --row 1
  chainrule explain model.safetensors houses.csv --row 1 --full | less")]
pub struct ExplainArgs {
    /// Model file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub model: PathBuf,
    /// Table with the model's input columns and its target, or - for standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub table: PathBuf,
    #[command(flatten)]
    pub form: FormArgs,
    /// Row of the table, counted from 1 without the header
    #[arg(long, value_name = "N", value_parser = parse_count, allow_hyphen_values = true)]
    pub row: usize,
    /// Show large matrices whole
    #[arg(long)]
    pub full: bool,
}

/// Make a page that shows a model and its errors on a table
///
/// One HTML file with its figures, to be opened in a browser, sent or printed; it needs no network. The errors are
/// those of the table's rows, of which the model may have learnt: `train --report` makes a page whose errors are those
/// of rows that the predicting networks had not seen.
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule report model.safetensors test.csv
  chainrule report model.safetensors test.csv --output test.html")]
pub struct ReportArgs {
    /// Model file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub model: PathBuf,
    /// Table with the model's input columns and its target, or - for standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub table: PathBuf,
    #[command(flatten)]
    pub form: FormArgs,
    /// File to write
    #[arg(long, value_name = "FILE.html", default_value = "report.html", value_hint = clap::ValueHint::FilePath)]
    pub output: PathBuf,
}

/// Print a completion script for a shell
#[derive(Args)]
#[command(after_help = "Examples:
  chainrule completions bash > ~/.local/share/bash-completion/completions/chainrule
  chainrule completions zsh > ~/.zfunc/_chainrule
  chainrule completions fish > ~/.config/fish/completions/chainrule.fish")]
pub struct CompletionsArgs {
    /// Shell
    pub shell: Shell,
}

impl Cli {
    /// The command line, or the help that it asks for, or what is wrong with it.
    pub fn from_command_line() -> Result<Self, clap::Error> {
        Cli::try_parse().map_err(with_a_tip_that_helps)
    }
}

#[cfg(test)]
mod tests {
    use chainrule_tabular::RegressorSettings;
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_in_the_help_are_those_of_the_library() {
        let mut command = Cli::command();
        let train = command.find_subcommand_mut("train").unwrap();
        let RegressorSettings {
            hidden,
            activation,
            loss,
            validation_fraction,
            training,
            ..
        } = RegressorSettings::default();
        let hidden: Vec<String> = hidden.iter().map(usize::to_string).collect();
        for (option, default) in [
            ("hidden", hidden.join(",")),
            ("activation", activation.to_string()),
            ("loss", loss.to_string()),
            ("l2", training.l2_penalty.to_string()),
            ("seed", training.seed.to_string()),
            ("epochs", training.epochs.to_string()),
            ("batch", training.batch_size.unwrap().to_string()),
            ("learning_rate", training.learning_rate.to_string()),
            ("validation", validation_fraction.to_string()),
            ("threads", training.threads.to_string()),
        ] {
            let argument = train
                .get_arguments()
                .find(|a| a.get_id() == option)
                .unwrap();
            let help = argument.get_help().unwrap().to_string();
            assert!(
                help.ends_with(&format!("[default: {default}]")),
                "--{option}: {help}"
            );
        }
        assert_eq!((training.clip_norm, training.early_stopping), (None, None));
        assert_eq!(training.schedule, Schedule::Constant);
    }
}

//! The problem file: a network's weights and the data it is trained on, the same for every measured program.

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

/// The first bytes of every problem file.
const MAGIC: &[u8; 8] = b"CRBENCH1";

/// How weights move: the constants of Adam are 0.9, 0.999 and 1e-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `p ← p − η g`.
    GradientDescent,
    /// Kingma and Ba's, with bias correction.
    Adam,
}

/// The function of the hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `max(0, z)`.
    ReLU,
    /// `z` above 0, `0.01 z` below.
    LeakyReLU,
    /// `z`: for programs that have neither.
    Identity,
}

/// One layer's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Number of inputs, `i`.
    pub inputs: usize,
    /// Number of outputs, `o`.
    pub outputs: usize,
    /// `(o,i)`, row-major.
    pub w: Vec<f32>,
    /// `(o)`.
    pub b: Vec<f32>,
}

/// Weights, data and how to train: the loss is the mean square error, step `t` takes batch `t` modulo the number of
/// batches.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Numbers of neurons, inputs first.
    pub widths: Vec<usize>,
    /// Rows of a batch.
    pub batch: usize,
    /// Rows in all, a multiple of the batch.
    pub rows: usize,
    /// The update rule.
    pub rule: Rule,
    /// The function of the hidden layers; the out layer has none.
    pub activation: Activation,
    /// `η`.
    pub learning_rate: f32,
    /// `(rows, inputs)`, row-major.
    pub x: Vec<f32>,
    /// `(rows, 1)`.
    pub y: Vec<f32>,
    /// The out layer last.
    pub layers: Vec<Layer>,
}

impl Problem {
    /// Reads a file that [`write`](Self::write) wrote.
    pub fn read(path: &Path) -> Result<Problem, String> {
        let told = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut file = BufReader::new(std::fs::File::open(path).map_err(told)?);
        let mut magic = [0; 8];
        file.read_exact(&mut magic).map_err(told)?;
        if &magic != MAGIC {
            return Err(format!("{} is not a problem file", path.display()));
        }
        let numbers = |file: &mut BufReader<_>, count: usize| {
            let mut bytes = vec![0; 4 * count];
            Read::read_exact(file, &mut bytes).map_err(told)?;
            let words = bytes.chunks_exact(4);
            Ok::<_, String>(words.map(|w| [w[0], w[1], w[2], w[3]]).collect::<Vec<_>>())
        };
        let mut integers = |count| -> Result<Vec<usize>, String> {
            let words = numbers(&mut file, count)?;
            Ok(words
                .into_iter()
                .map(|w| u32::from_le_bytes(w) as usize)
                .collect())
        };
        let count = integers(1)?[0];
        let widths = integers(count)?;
        let [batch, rows, rule, activation] = integers(4)?[..] else {
            unreachable!("four were asked for")
        };
        let mut reals = |count| -> Result<Vec<f32>, String> {
            let words = numbers(&mut file, count)?;
            Ok(words.into_iter().map(f32::from_le_bytes).collect())
        };
        let learning_rate = reals(1)?[0];
        let x = reals(rows * widths[0])?;
        let y = reals(rows * widths[count - 1])?;
        let layers = widths.windows(2).map(|pair| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let (w, b) = (reals(outputs * inputs)?, reals(outputs)?);
            Ok(Layer {
                inputs,
                outputs,
                w,
                b,
            })
        });
        let layers = layers.collect::<Result<_, String>>()?;
        let rule = if rule == 0 {
            Rule::GradientDescent
        } else {
            Rule::Adam
        };
        let activation = match activation {
            0 => Activation::ReLU,
            1 => Activation::LeakyReLU,
            _ => Activation::Identity,
        };
        Ok(Problem {
            widths,
            batch,
            rows,
            rule,
            activation,
            learning_rate,
            x,
            y,
            layers,
        })
    }

    /// Writes the file: see `bench/README.md`.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(std::fs::File::create(path)?);
        file.write_all(MAGIC)?;
        let rule = (self.rule == Rule::Adam) as usize;
        let activation = match self.activation {
            Activation::ReLU => 0,
            Activation::LeakyReLU => 1,
            Activation::Identity => 2,
        };
        let header = [self.widths.len()]
            .into_iter()
            .chain(self.widths.iter().copied())
            .chain([self.batch, self.rows, rule, activation]);
        for number in header {
            file.write_all(&(number as u32).to_le_bytes())?;
        }
        file.write_all(&self.learning_rate.to_le_bytes())?;
        let parameters = self
            .layers
            .iter()
            .flat_map(|layer| layer.w.iter().chain(&layer.b));
        for number in self.x.iter().chain(&self.y).chain(parameters) {
            file.write_all(&number.to_le_bytes())?;
        }
        file.flush()
    }

    /// Number of batches.
    pub fn batches(&self) -> usize {
        self.rows / self.batch
    }

    /// `X` of a batch.
    pub fn batch_x(&self, batch: usize) -> &[f32] {
        let size = self.batch * self.widths[0];
        &self.x[batch * size..(batch + 1) * size]
    }

    /// `Y` of a batch.
    pub fn batch_y(&self, batch: usize) -> &[f32] {
        &self.y[batch * self.batch..(batch + 1) * self.batch]
    }

    /// One row of `X`.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.x[row * self.widths[0]..(row + 1) * self.widths[0]]
    }
}

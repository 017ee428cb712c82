// What the core gives and takes, as crates/chainrule-playground writes it.

export interface Settings {
  data: string;
  target: string;
  noise: number;
  held_out: number;
  hidden: number[];
  activation: string;
  loss: string;
  optimizer: string;
  learning_rate: number;
  batch_size: number;
  penalty: number;
  seed: number;
}

export interface Axis {
  name: string;
  low: number;
  high: number;
}

export interface Grid {
  kind: "curve" | "surface" | "rows";
  axes: Axis[];
  points: number;
}

export interface Card {
  settings: Settings;
  inputs: string[];
  target: string;
  /** Of each layer's W: outputs, inputs. */
  shapes: [number, number][];
  training_rows: number;
  unseen_rows: number;
  /** The formula of all hidden layers, or one for each. */
  activations: string[];
  loss: string;
  optimizer: string;
  grid: Grid;
  mean_error: number | null;
  line_error: number | null;
  notes: string[];
  rows_at_once: boolean;
  is_table: boolean;
  /** Whether the network is that of a model file whose training had another table. */
  is_opened: boolean;
}

export interface State {
  epoch: number;
  batch: number;
  batches: number;
  step: number;
  loss: number | null;
  unseen_loss: number | null;
  layers: { w: number[]; b: number[] }[];
}

export type Epoch = [training: number, unseen: number | null];

export interface Mark {
  layer: number;
  neuron: number;
  sentence: string;
}

export interface Results {
  rmse: number;
  r2: number | null;
  of_unseen: boolean;
  points: [actual: number, predicted: number, residual: number, seen: boolean][];
  places: number[][];
  predicted: number[];
}

export interface MatrixView {
  name: string;
  shape: number[];
  rows: number[][];
}

export interface Equation {
  number: string;
  layer: number;
  formula: string;
  words: string;
  matrices: MatrixView[];
}

export interface Walk {
  rows: number;
  steps: Equation[];
}

export interface Part {
  matrix: number;
  row: number | null;
  column: number | null;
}

export interface Entry {
  written: string;
  parts: Part[];
}

export interface CheckedEntry {
  index: number;
  derivative: number;
  quotient: number | null;
  wrong: boolean;
}

export interface CheckedParameter {
  name: string;
  layer: number;
  shape: number[];
  entries: CheckedEntry[];
  worst: number;
  wrong: boolean;
}

export interface Check {
  rows: number;
  parameters: CheckedParameter[];
  step: { expected: number; found: number; wrong: boolean };
  passed: boolean;
  verdict: string;
}

export interface Choice {
  name: string;
  words: string;
}

export interface Choices {
  activations: Choice[];
  losses: Choice[];
  optimizers: Choice[];
  mistakes: [name: string, equation: string, words: string][];
}

export interface ColumnCard {
  name: string;
  kind: string;
  missing: number;
  numbers: boolean;
}

/** What a model file needs. */
export interface ModelCard {
  columns: string[];
  target: string;
}

/** A model file of the command. */
export interface ModelFile {
  name: string;
  bytes: Uint8Array;
}

/** A table of one's own. */
export interface OwnTable {
  name: string;
  bytes: Uint8Array;
}

/** Everything that changes with a training, at one moment. */
export interface Look {
  state: State;
  /** The epochs that the page had not seen. */
  epochs: Epoch[];
  neurons: Float32Array;
  marks: Mark[];
  results: Results;
  /** Why the training stopped, if it did. */
  problem: string | null;
}

// The form: the data, the network and the training.
import type { Bench } from "./bench";
import { html, labelled, menu, numberField, part } from "./dom";
import { percent } from "./format";
import type { Choices, Settings } from "./types";

const DATA = [
  { value: "line", words: "A line, one input" },
  { value: "wave", words: "A wave, one input" },
  { value: "step", words: "A step, one input" },
  { value: "saddle", words: "A saddle, two inputs" },
  { value: "ring", words: "A ring, two inputs" },
  { value: "fold", words: "A fold, two inputs" },
  { value: "diabetes", words: "442 patients, ten inputs" },
  { value: "example", words: "The worked example" },
];
const SHARES = [0, 0.1, 0.2, 0.3, 0.5];
const NOISES = [0, 0.1, 0.3, 0.5];
const MOST_LAYERS = 6;
const MOST_NEURONS = 32;

export function setup(bench: Bench, choices: Choices): void {
  const draw = (): void => {
    const focused = document.activeElement?.id;
    part("data-fields").replaceChildren(...data(bench));
    part("network-fields").replaceChildren(...network(bench, choices));
    part("training-fields").replaceChildren(...training(bench, choices));
    // The form was drawn anew: whoever was in it stays where they were.
    if (focused) document.getElementById(focused)?.focus();
  };
  bench.on(["session"], draw);
}

function named<E extends HTMLElement>(id: string, control: E): E {
  control.id = `setup-${id}`;
  return control;
}

function data(bench: Bench): HTMLElement[] {
  const { settings, card } = bench;
  const change = (part: Partial<Settings>): void => void bench.change(part);
  const sources = bench.own ? [...DATA, { value: "own", words: bench.own.name }] : DATA;
  const source = named("data", menu(sources, settings.data, (data) => change({ data })));
  const made = ["line", "wave", "step", "saddle", "ring", "fold"].includes(settings.data);
  const noises = NOISES.includes(settings.noise) ? NOISES : [...NOISES, settings.noise];
  const noise = menu(
    noises.map((value) => ({ value: String(value), words: value === 0 ? "none" : String(value) })),
    String(settings.noise),
    (value) => change({ noise: Number(value) }),
  );
  const shares = SHARES.includes(settings.held_out) ? SHARES : [...SHARES, settings.held_out];
  const share = menu(
    shares.map((value) => ({ value: String(value), words: value === 0 ? "none" : percent(value) })),
    String(settings.held_out),
    (value) => change({ held_out: Number(value) }),
  );
  const rows = `${card.training_rows} rows to learn from, ${card.unseen_rows} held out. Predicted: ${card.target}.`;
  return [
    labelled("Rows", source),
    ...(made ? [labelled("Noise", named("noise", noise))] : []),
    ...(card.is_table ? [labelled("Held out", named("held-out", share))] : []),
    html("p", { class: "quiet" }, rows),
    ...card.notes.map((note) => html("p", { class: "quiet" }, note)),
  ];
}

function network(bench: Bench, choices: Choices): HTMLElement[] {
  const { settings, card } = bench;
  if (!card.is_table) {
    return [html("p", { class: "quiet" }, "Two inputs, two neurons with a leaky ReLU, one output: as in the derivation.")];
  }
  const functions = each(settings);
  const same = functions.every((name) => name === functions[0]);
  /** Other layers: the width of each, and its activation. */
  const layers = (hidden: number[], names: string[]): void =>
    void bench.change({ hidden, activation: joined(names, settings.activation) });
  const layer = (width: number, l: number): HTMLElement => {
    const set = (to: number): void => layers(settings.hidden.with(l, to), functions);
    const name = `layer ${l + 1}`;
    const own = functions[l]!;
    const activation = named(
      `activation-${l}`,
      menu(namedChoices(choices.activations, own), own, (to) => layers(settings.hidden, functions.with(l, to))),
    );
    activation.setAttribute("aria-label", `Activation of ${name}`);
    return html(
      "li",
      {},
      html("span", {}, `Layer ${l + 1}`),
      html("button", { id: `fewer-${l}`, "aria-label": `One neuron fewer in ${name}`, disabled: width <= 1, click: () => set(width - 1) }, "−"),
      html("output", { "aria-label": `Neurons in ${name}` }, String(width)),
      html("button", { id: `more-${l}`, "aria-label": `One neuron more in ${name}`, disabled: width >= MOST_NEURONS, click: () => set(width + 1) }, "+"),
      html("button", { id: `without-${l}`, "aria-label": `Remove ${name}`, click: () => layers(settings.hidden.toSpliced(l, 1), functions.toSpliced(l, 1)) }, "✕"),
      activation,
    );
  };
  const add = html(
    "button",
    {
      id: "add-layer",
      disabled: settings.hidden.length >= MOST_LAYERS,
      click: () => layers([...settings.hidden, settings.hidden.at(-1) ?? 4], [...functions, functions.at(-1) ?? first(settings)]),
    },
    "Add a layer",
  );
  const shared = namedChoices(choices.activations, same ? first(settings) : choices.activations[0]!.name);
  return [
    html("ol", { class: "layers" }, ...settings.hidden.map(layer)),
    add,
    labelled(
      "Activation of all layers",
      named("activation", menu(same ? shared : [{ value: "", words: "each its own" }, ...shared], same ? first(settings) : "", (to) => to && void bench.change({ activation: to }))),
      html("div", {}, ...card.activations.map((formula) => html("p", { class: "formula" }, formula))),
    ),
    labelled(
      "Loss",
      named("loss", menu(namedChoices(choices.losses, settings.loss), settings.loss, (loss) => void bench.change({ loss }))),
      html("p", { class: "formula" }, card.loss),
    ),
  ];
}

function training(bench: Bench, choices: Choices): HTMLElement[] {
  const { settings, card } = bench;
  const field = (key: "learning_rate" | "penalty" | "batch_size" | "seed", attributes: Record<string, string | number>): HTMLInputElement =>
    named(key, numberField(settings[key], { required: true, ...attributes }, (value) => void bench.change({ [key]: value })));
  return [
    labelled(
      "Optimizer",
      named("optimizer", menu(namedChoices(choices.optimizers, settings.optimizer), settings.optimizer, (optimizer) => void bench.change({ optimizer }))),
      html("p", { class: "formula" }, card.optimizer),
    ),
    labelled("Learning rate η", field("learning_rate", { min: 0 })),
    labelled("Batch size, 0 for all rows", field("batch_size", { min: 0, step: 1 })),
    labelled("Penalty λ on large weights", field("penalty", { min: 0 })),
    labelled("Seed", field("seed", { min: 0, step: 1 })),
  ];
}

/** The activation of each hidden layer. */
function each({ hidden, activation }: Settings): string[] {
  const names = activation.split(",");
  return hidden.map((_, l) => names[names.length === 1 ? 0 : l] ?? names[0]!);
}

/** The activation of the first layer, or of those that there may be. */
function first({ activation }: Settings): string {
  return activation.split(",")[0]!;
}

/** The activations as one word where they are all the same; those of before where no layer is left. */
function joined(names: string[], before: string): string {
  const [one] = names;
  if (one === undefined) return before.split(",")[0]!;
  return names.every((name) => name === one) ? one : names.join(",");
}

/** The choices by their names in plain words, and what an address named beside them. */
function namedChoices(choices: { name: string }[], chosen: string): { value: string; words: string }[] {
  const names = choices.map((choice) => choice.name);
  const all = names.includes(chosen) ? names : [...names, chosen];
  return all.map((name) => ({ value: name, words: name.replaceAll("_", " ") }));
}

// One neuron's weights and bias, to read and to change.
import type { Bench } from "./bench";
import { html, labelled, numberField, part } from "./dom";
import { layerName } from "./format";

interface Field {
  index: number;
  read: () => number;
  input: HTMLInputElement;
}

export function neuronPanel(bench: Bench): void {
  let fields: Field[] = [];

  bench.on(["neuron", "session"], () => {
    const panel = part("neuron");
    panel.hidden = bench.neuron === null;
    fields = [];
    if (!bench.neuron) return;
    const { layer, neuron } = bench.neuron;
    const { card } = bench;
    const [outputs, inputs] = card.shapes[layer]!;
    const before = card.shapes.slice(0, layer).reduce((sum, [o, i]) => sum + o * i + o, 0);
    const layers = card.shapes.length;
    const add = (words: string, index: number, read: () => number): HTMLElement => {
      const input = numberField(read(), { required: true }, (value) => void bench.edit(index, value));
      fields.push({ index, read, input });
      return labelled(words, input);
    };
    const from = (j: number): string =>
      layer === 0 ? card.inputs[j]! : `neuron ${j + 1} of ${layerName(layer - 1, layers)}`;
    const state = (): { w: number[]; b: number[] } => bench.look.state.layers[layer]!;
    const weights = Array.from({ length: inputs }, (_, j) => {
      const place = neuron * inputs + j;
      return add(`Weight for ${from(j)}`, before + place, () => state().w[place]!);
    });
    const bias = add("Bias", before + outputs * inputs + neuron, () => state().b[neuron]!);
    const name = layer === layers - 1 ? "The output" : `Neuron ${neuron + 1} of ${layerName(layer, layers)}`;
    panel.replaceChildren(
      html("h3", {}, name),
      html("div", { class: "fields" }, ...weights, bias),
      html("button", { click: () => bench.choose(null) }, "Close"),
    );
  });

  bench.on(["look"], () => {
    for (const { read, input } of fields) {
      if (document.activeElement !== input) input.value = String(read());
    }
  });
}

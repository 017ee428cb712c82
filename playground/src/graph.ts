// The network as a graph: edges show weights by colour and width, neurons what they compute over the data.
import type { Bench } from "./bench";
import { heatMap } from "./colour";
import { html, part, svg } from "./dom";
import { layerName, short } from "./format";

interface Node {
  group: SVGGElement;
  picture: SVGPathElement | SVGImageElement;
  size: number;
}

/** How high a drawing is at most, and how much each neuron of the largest layer adds below that. */
const HEIGHT = { most: 400, least: 140, each: 80 };
/** Room for the inputs' names on the left and the output's on the right. */
const MARGIN = { left: 92, right: 64, top: 28 };
const LONGEST_NAME = 13;
/** While it trains, the graph is drawn anew after so many milliseconds for each edge. */
const LASTS = 0.1;

export class Graph {
  private readonly bench: Bench;
  private drawing = svg("svg");
  private edges: SVGPathElement[][] = [];
  private nodes: Node[][] = [];
  private width = 0;
  /** When the weights were last drawn, in milliseconds. */
  private drawn = 0;

  constructor(bench: Bench) {
    this.bench = bench;
    bench.on(["session"], () => this.draw());
    bench.on(["look", "play"], () => this.isFresh() || this.update());
    bench.on(["neuron"], () => this.mark());
    bench.on(["walk"], () => this.light());
    new ResizeObserver(() => {
      if (bench.card && Math.abs(part("graph").clientWidth - this.width) > 4) {
        this.draw();
        this.update();
      }
    }).observe(part("graph"));
  }

  /** Draws the network of a new training. */
  private draw(): void {
    const { card } = this.bench;
    this.width = part("graph").clientWidth;
    const width = Math.max(320, this.width);
    const sizes = [card.inputs.length, ...card.shapes.map(([outputs]) => outputs)];
    const height = Math.min(HEIGHT.most, Math.max(HEIGHT.least, MARGIN.top + HEIGHT.each * Math.max(...sizes)));
    const named = width > 420; // beside the ends; on a phone names stand above the inputs and below the output
    const left = named ? MARGIN.left : 24;
    const right = named ? MARGIN.right : 28;
    const across = (column: number): number =>
      left + (column * (width - left - right)) / Math.max(1, sizes.length - 1);
    const down = (nth: number, of: number): number => MARGIN.top + ((nth + 0.5) * (height - MARGIN.top)) / of;
    const room = Math.min(44, (width - left - right) / (sizes.length * 1.6));
    const sizeOf = (of: number): number => Math.min(room, ((height - MARGIN.top) / of) * 0.8);

    this.drawing = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      role: "group",
      "aria-label": "The network. Arrow keys go from neuron to neuron, Enter shows a neuron's weights.",
    });
    const lines = svg("g", { class: "edges" });
    this.edges = card.shapes.map(([outputs, inputs], layer) => {
      const paths: SVGPathElement[] = [];
      for (let k = 0; k < outputs; k++) {
        for (let j = 0; j < inputs; j++) {
          const x1 = across(layer) + (layer === 0 ? 6 : sizeOf(inputs) / 2);
          const x2 = across(layer + 1) - sizeOf(outputs) / 2;
          const [y1, y2, middle] = [down(j, inputs), down(k, outputs), (x1 + x2) / 2];
          const path = svg("path", {
            d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
            pointerenter: () => this.say(layer, k, j),
            click: () => this.bench.choose({ layer, neuron: k }),
          });
          paths.push(path);
          lines.append(path);
        }
      }
      return paths;
    });
    this.drawing.append(lines);

    card.inputs.forEach((name, j) => {
      const y = down(j, card.inputs.length);
      this.drawing.append(svg("circle", { class: "input", cx: left, cy: y, r: 4 }));
      if (card.inputs.length <= (named ? 24 : 10)) {
        const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
        const at = named ? { x: left - 12, y: y + 4, "text-anchor": "end" } : { x: left - 6, y: y - 9 };
        const text = svg("text", at, shown);
        text.append(svg("title", {}, name));
        this.drawing.append(text);
      }
    });
    card.shapes.forEach((_, layer) => {
      const words = layer === card.shapes.length - 1 ? "out" : `layer ${layer + 1}`;
      this.drawing.append(svg("text", { class: "head", x: across(layer + 1), y: 14, "text-anchor": "middle" }, words));
    });
    this.nodes = card.shapes.map(([outputs], layer) =>
      Array.from({ length: outputs }, (_, neuron) => {
        const size = sizeOf(outputs);
        const node = this.node(layer, neuron, across(layer + 1), down(neuron, outputs), size);
        this.drawing.append(node.group);
        return node;
      }),
    );
    const out = this.nodes.at(-1)?.[0];
    if (out) {
      const [x, y] = [across(card.shapes.length), down(0, 1)];
      const at = named
        ? { x: x + out.size / 2 + 8, y: y + 4 }
        : { x: width - 4, y: y + out.size / 2 + 16, "text-anchor": "end" };
      this.drawing.append(svg("text", at, card.target.slice(0, LONGEST_NAME)));
    }
    this.nodes[0]?.[0]?.group.setAttribute("tabindex", "0");
    part("graph").replaceChildren(this.drawing);
  }

  private node(layer: number, neuron: number, x: number, y: number, size: number): Node {
    const layers = this.bench.card.shapes.length;
    const name = layer === layers - 1 ? "The output" : `Neuron ${neuron + 1} of ${layerName(layer, layers)}`;
    const half = size / 2;
    const isMap = this.bench.card.grid.kind === "surface";
    const picture = isMap
      ? svg("image", { x: -half, y: -half, width: size, height: size, preserveAspectRatio: "none" })
      : svg("path", { class: this.bench.card.grid.kind });
    const group = svg(
      "g",
      {
        class: "node",
        role: "button",
        tabindex: "-1",
        "aria-label": name,
        "aria-pressed": "false",
        transform: `translate(${x} ${y})`,
        click: () => this.bench.choose({ layer, neuron }),
        keydown: (event: KeyboardEvent) => this.key(event, layer, neuron),
      },
      svg("rect", { x: -half, y: -half, width: size, height: size, rx: Math.min(6, size / 5) }),
      picture,
      svg("rect", { class: "rim", x: -half, y: -half, width: size, height: size, rx: Math.min(6, size / 5) }),
      svg("text", { class: "flat-mark", x: half - 2, y: -half + 8, "text-anchor": "end" }, "!"),
    );
    return { group, picture, size };
  }

  private key(event: KeyboardEvent, layer: number, neuron: number): void {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.bench.choose({ layer, neuron });
      return;
    }
    const ways: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const way = ways[event.key];
    const column = way && this.nodes[layer + way[0]];
    if (!column) return;
    event.preventDefault();
    const to = column[Math.min(column.length - 1, Math.max(0, neuron + way[1]))]!;
    this.nodes.flat().forEach((node) => node.group.setAttribute("tabindex", node === to ? "0" : "-1"));
    to.group.focus();
  }

  /** What an edge weighs, in words below the graph. */
  private say(layer: number, neuron: number, input: number): void {
    const { card, look } = this.bench;
    const [, inputs] = card.shapes[layer]!;
    const weight = look.state.layers[layer]?.w[neuron * inputs + input];
    const layers = card.shapes.length;
    const from = layer === 0 ? card.inputs[input] : `neuron ${input + 1} of ${layerName(layer - 1, layers)}`;
    const to = layer === layers - 1 ? "the output" : `neuron ${neuron + 1} of ${layerName(layer, layers)}`;
    part("edge").textContent = `From ${from} to ${to}: ${short(weight ?? null, 5)}`;
  }

  /** Whether what is drawn may stay in the next picture: a network of many edges takes longer to draw than pictures last. */
  private isFresh(): boolean {
    const edges = this.edges.reduce((sum, paths) => sum + paths.length, 0);
    return this.bench.playing && performance.now() - this.drawn < edges * LASTS;
  }

  /** Draws what the training has come to. */
  private update(): void {
    const { look, card } = this.bench;
    this.drawn = performance.now();
    look.state.layers.forEach(({ w }, layer) => {
      const paths = this.edges[layer];
      if (!paths) return;
      const largest = w.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1);
      w.forEach((weight, k) => {
        // Most look as they did: what is not written anew is not drawn anew.
        write(paths[k]!, "class", weight < 0 ? "negative" : "positive");
        write(paths[k]!, "stroke-width", (0.4 + (4 * Math.abs(weight)) / largest).toFixed(1));
      });
    });
    const { points, kind } = card.grid;
    this.nodes.flat().forEach((node, nth) => {
      const values = look.neurons.subarray(nth * points, (nth + 1) * points);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
      if (kind === "surface") node.picture.setAttribute("href", heatMap(values, largest));
      else node.picture.setAttribute("d", kind === "curve" ? curve(values, largest, node.size) : bars(values, largest, node.size));
    });
    this.nodes.forEach((column, layer) =>
      column.forEach((node, neuron) => {
        const flat = look.marks.some((mark) => mark.layer === layer && mark.neuron === neuron);
        node.group.classList.toggle("flat", flat);
      }),
    );
    const sentences = look.marks.map((mark) => mark.sentence);
    const shown = [...part("marks").children].map((item) => item.textContent);
    if (sentences.join() !== shown.join()) {
      part("marks").replaceChildren(...sentences.map((sentence) => html("li", {}, sentence)));
    }
  }

  private mark(): void {
    const { neuron } = this.bench;
    this.nodes.forEach((column, l) =>
      column.forEach((node, k) => {
        node.group.setAttribute("aria-pressed", String(l === neuron?.layer && k === neuron.neuron));
      }),
    );
  }

  /** Lights up where the equation in view is at work. */
  private light(): void {
    const { walk, at } = this.bench;
    const equation = walk?.steps[at];
    const onEdges = ["F1", "F3", "B2", "B4", "O1", "O2", "O3", "O4", "O5"];
    this.drawing.classList.toggle("walking", equation !== undefined);
    this.drawing.classList.toggle("backward", equation?.number.startsWith("B") ?? false);
    this.edges.forEach((paths, layer) => {
      const lit = equation?.layer === layer && onEdges.includes(equation.number);
      paths.forEach((path) => path.classList.toggle("lit", lit));
    });
    this.nodes.forEach((column, layer) => {
      const below = equation?.number === "B4" && layer === equation.layer - 1;
      const lit = equation !== undefined && (below || (equation.layer === layer && equation.number !== "B4"));
      column.forEach((node) => node.group.classList.toggle("lit", lit));
    });
  }
}

function write(element: SVGElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function curve(values: Float32Array, largest: number, size: number): string {
  const step = size / (values.length - 1);
  const y = (value: number): string => ((-value / largest) * size * 0.42).toFixed(1);
  return `M${[...values].map((value, k) => `${(k * step - size / 2).toFixed(1)} ${y(value)}`).join("L")}`;
}

function bars(values: Float32Array, largest: number, size: number): string {
  const step = size / values.length;
  return [...values]
    .map((value, k) => `M${((k + 0.5) * step - size / 2).toFixed(1)} 0V${((-value / largest) * size * 0.42).toFixed(1)}`)
    .join("");
}

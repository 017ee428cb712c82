// A figure with two axes, drawn as SVG that can be kept as a file.
import { html, keep, svg } from "./dom";
import { short } from "./format";

const WIDTH = 340;
const HEIGHT = 236;
const BOX = { left: 58, right: 10, top: 10, bottom: 38 };

export type Range = [low: number, high: number];

/** The range of some values, a little wider; never empty. */
export function range(values: number[]): Range {
  const finite = values.filter(Number.isFinite);
  let low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  let high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low > high) [low, high] = [0, 1];
  const margin = (high - low) * 0.05 || Math.abs(low) * 0.05 || 1;
  return [low - margin, high + margin];
}

/** Round numbers within a range. */
export function ticks([low, high]: Range, most = 5): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((candidate) => candidate >= rough) ?? rough;
  const found: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
  return found;
}

/** Round numbers within a range above 0: 1, 2 and 5 times powers of 10 where there are few, else some of the powers. */
function logarithmicTicks([low, high]: Range, most = 5): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  const within = (values: number[]): number[] => values.filter((value) => value >= low && value <= high);
  const fine = within(powers.flatMap((power) => [1, 2, 5].map((k) => k * 10 ** power)));
  if (fine.length <= most) return fine;
  const every = Math.ceil(powers.length / most);
  return within(powers.filter((power) => power % every === 0).map((power) => 10 ** power));
}

export class Plot {
  readonly figure: HTMLElement;
  private readonly drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  private readonly caption = html("figcaption");
  private readonly words: { x: string; y: string };

  constructor(
    readonly title: string,
    words: { x: string; y: string },
  ) {
    this.words = words;
    const save = html("button", { class: "small", "aria-label": `Keep the figure "${title}" as SVG`, click: () => this.save() }, "SVG");
    this.figure = html("figure", {}, html("div", { class: "figure-head" }, html("h3", {}, title), save), this.drawing, this.caption);
  }

  name(words: Partial<{ x: string; y: string }>): void {
    Object.assign(this.words, words);
  }

  /** Draws marks between two ranges; they are made with the functions that place numbers. `logarithmic` is for the second axis. */
  draw(
    x: Range,
    y: Range,
    logarithmic: boolean,
    marks: (x: (value: number) => number, y: (value: number) => number) => SVGElement[],
    said: string,
  ): void {
    const scaled = (value: number): number => (logarithmic ? Math.log10(value) : value);
    const [low, high] = y.map(scaled) as Range;
    const across = (value: number): number =>
      BOX.left + ((value - x[0]) / (x[1] - x[0])) * (WIDTH - BOX.left - BOX.right);
    const up = (value: number): number =>
      HEIGHT - BOX.bottom - ((scaled(value) - low) / (high - low)) * (HEIGHT - BOX.top - BOX.bottom);
    const lines: SVGElement[] = [];
    for (const value of ticks(x)) {
      lines.push(svg("path", { class: "grid", d: `M${across(value)} ${BOX.top}V${HEIGHT - BOX.bottom}` }));
      lines.push(svg("text", { x: across(value), y: HEIGHT - BOX.bottom + 15, "text-anchor": "middle" }, short(value)));
    }
    const upright = logarithmic ? logarithmicTicks(y) : ticks(y);
    for (const value of upright) {
      lines.push(svg("path", { class: "grid", d: `M${BOX.left} ${up(value)}H${WIDTH - BOX.right}` }));
      lines.push(svg("text", { x: BOX.left - 6, y: up(value) + 4, "text-anchor": "end" }, short(value, 2)));
    }
    lines.push(
      svg("text", { class: "name", x: (BOX.left + WIDTH - BOX.right) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, this.words.x),
      svg("text", { class: "name", x: 12, y: (HEIGHT - BOX.bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${(HEIGHT - BOX.bottom) / 2})` }, this.words.y),
    );
    const inside = svg("svg", {
      x: BOX.left,
      y: BOX.top,
      width: WIDTH - BOX.left - BOX.right,
      height: HEIGHT - BOX.top - BOX.bottom,
      viewBox: `${BOX.left} ${BOX.top} ${WIDTH - BOX.left - BOX.right} ${HEIGHT - BOX.top - BOX.bottom}`,
    });
    inside.append(...marks(across, up));
    this.drawing.replaceChildren(...lines, inside);
    this.drawing.setAttribute("aria-label", `${this.title}. ${said}`);
    this.caption.textContent = said;
  }

  /** Keeps the figure with the colours that it has now. */
  private save(): void {
    const copy = this.drawing.cloneNode(true) as SVGSVGElement;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    const from = this.drawing.querySelectorAll<SVGElement>("*");
    copy.querySelectorAll<SVGElement>("*").forEach((node, k) => {
      const style = getComputedStyle(from[k]!);
      for (const property of ["fill", "stroke", "stroke-width", "font", "opacity"]) {
        node.style.setProperty(property, style.getPropertyValue(property));
      }
      node.removeAttribute("class");
    });
    keep(`${this.title.toLowerCase().replaceAll(" ", "-")}.svg`, new XMLSerializer().serializeToString(copy), "image/svg+xml");
  }
}

/** Many dots as one path. */
export function dots(places: [number, number][], radius: number, kind: string): SVGElement {
  const dot = ([x, y]: [number, number]): string =>
    `M${(x - radius).toFixed(1)} ${y.toFixed(1)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
  return svg("path", { class: kind, d: places.map(dot).join("") });
}

/** A line through places. */
export function line(places: [number, number][], kind: string): SVGElement {
  return svg("path", { class: kind, d: places.length ? `M${places.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` : "" });
}

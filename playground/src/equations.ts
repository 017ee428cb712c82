// One training step, one equation at a time, with its matrices and the sums that make their entries.
import type { Bench } from "./bench";
import { html, keep, part } from "./dom";
import { layerName } from "./format";
import { mark, matrix } from "./matrix";
import type { Equation } from "./types";

const SIGNS: Record<string, string> = { F1: "·", F3: "·", B1: "⊙", B2: "·", B4: "·" };

export function equations(bench: Bench): void {
  const panel = part("equation");
  bench.on(["walk"], () => {
    const { walk, at } = bench;
    part("walk-empty").hidden = walk !== null;
    part("csv").hidden = walk === null;
    panel.hidden = walk === null;
    if (!walk) {
      part("steps").replaceChildren();
      panel.replaceChildren();
      return;
    }
    const layers = bench.card.shapes.length;
    drawSteps(bench, walk.steps, layers);
    drawEquation(bench, walk.steps[at]!, layers, walk.rows);
    // As far as it takes to see the equation, so that the graph stays in view where there is room for both.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    part("walk").scrollIntoView({ block: "nearest", behavior: calm ? "instant" : "smooth" });
  });
  part("csv").addEventListener("click", () => {
    void bench.walkCsv().then((csv) => keep("step.csv", csv, "text/csv"));
  });
}

function drawSteps(bench: Bench, steps: Equation[], layers: number): void {
  const list = part("steps");
  const item = (equation: Equation, k: number): HTMLElement => {
    const name = `${equation.number}, ${layerName(equation.layer, layers)}`;
    const current = k === bench.at ? "step" : null;
    return html("li", {}, html("button", { "aria-label": name, title: name, "aria-current": current, click: () => bench.turn(k) }, equation.number));
  };
  const had = list.contains(document.activeElement);
  list.replaceChildren(...steps.map(item));
  if (had) list.querySelector<HTMLElement>("[aria-current]")?.focus();
}

function drawEquation(bench: Bench, equation: Equation, layers: number, rows: number): void {
  const sum = html("p", { class: "sum", "aria-live": "polite" }, "Point at an entry of the result, or go to it with Tab and the arrow keys: the sum that makes it appears here.");
  const operands = equation.matrices.slice(0, -1).map((view) => matrix(view));
  let asked = 0;
  const result = matrix(equation.matrices.at(-1)!, (row, column) => {
    const mine = ++asked;
    void bench.entry(row, column).then((entry) => {
      if (mine !== asked) return;
      sum.textContent = entry.written;
      mark(operands, entry.parts);
      mark([result], [{ matrix: 0, row, column }]);
    });
  });
  const sign = SIGNS[equation.number];
  const figures = operands.flatMap(({ figure }, k) => {
    if (k === 0 || !sign) return [figure];
    const between = k === 1 ? sign : "+";
    return [html("span", { class: "sign", "aria-hidden": "true" }, between), figure];
  });
  const place = layerName(equation.layer, layers);
  const of = `${bench.at + 1} of ${bench.walk?.steps.length}, on the next ${rows} rows`;
  part("equation").replaceChildren(
    html("h3", {}, `${equation.number}, ${place}`, html("span", { class: "quiet" }, ` ${of}`)),
    html("p", { class: "formula large" }, equation.formula),
    html("p", {}, equation.words),
    html("div", { class: "matrices" }, ...figures, html("span", { class: "sign", "aria-hidden": "true" }, "="), result.figure),
    sum,
  );
}

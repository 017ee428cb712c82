// The gradient check: every derivative beside its difference quotient, with a classic mistake planted or without.
import type { Bench } from "./bench";
import { html, labelled, menu, part, scrolling } from "./dom";
import { layerName, short } from "./format";
import type { Check, CheckedParameter, Choices } from "./types";

export function gradients(bench: Bench, choices: Choices): void {
  let mistake = "";
  const none = { value: "", words: "no mistake" };
  const planted = choices.mistakes.map(([value, equation, words]) => ({ value, words: `${equation}: ${words}` }));
  const choice = menu([none, ...planted], "", (value) => (mistake = value));
  choice.id = "mistake";
  const button = html("button", { id: "check", click: () => void run() }, "Check the gradients");
  const found = html("div", { id: "found", "aria-live": "polite" });
  part("gradients").append(html("div", { class: "row" }, labelled("Plant a mistake", choice), button), found);

  async function run(): Promise<void> {
    try {
      const check = await bench.check(mistake || null);
      found.replaceChildren(...report(check, bench.card.shapes.length));
    } catch (error) {
      found.replaceChildren(html("p", { class: "verdict wrong" }, error instanceof Error ? error.message : String(error)));
    }
  }

  bench.on(["session"], () => found.replaceChildren());
}

function report(check: Check, layers: number): HTMLElement[] {
  const head = ["Parameter", "Shape", "Largest relative error", "Verdict"].map((name) => html("th", { scope: "col" }, name));
  const { step } = check;
  const along = html(
    "tr",
    { class: step.wrong ? "wrong" : null },
    html("th", { scope: "row" }, "The step, O1"),
    html("td", { colspan: 2 }, `cost should change by ${short(step.expected)}, changes by ${short(step.found)}`),
    html("td", {}, step.wrong ? "✗ wrong" : "✓ right"),
  );
  return [
    html("p", { class: check.passed ? "verdict" : "verdict wrong" }, check.verdict),
    scrolling(
      "The check, parameter by parameter",
      html(
        "table",
        { class: "checked" },
        html("caption", {}, `On the next ${check.rows} rows, in double precision`),
        html("thead", {}, html("tr", {}, ...head)),
        html("tbody", {}, ...check.parameters.map((parameter) => row(parameter, layers)), along),
      ),
    ),
    html("details", {}, html("summary", {}, "Every derivative beside its difference quotient"), ...check.parameters.map((parameter) => entries(parameter, layers))),
  ];
}

function name(parameter: CheckedParameter, layers: number): string {
  return `∂C/∂${parameter.name} of ${parameter.layer === layers - 1 ? "the " : ""}${layerName(parameter.layer, layers)}`;
}

function row(parameter: CheckedParameter, layers: number): HTMLElement {
  return html(
    "tr",
    { class: parameter.wrong ? "wrong" : null },
    html("th", { scope: "row" }, name(parameter, layers)),
    html("td", {}, `(${parameter.shape.join(", ")})`),
    html("td", {}, short(parameter.worst, 2)),
    html("td", {}, parameter.wrong ? "✗ wrong" : "✓ right"),
  );
}

function entries(parameter: CheckedParameter, layers: number): HTMLElement {
  const head = ["Entry", "Derivative", "Quotient (G1)"].map((name) => html("th", { scope: "col" }, name));
  const columns = parameter.shape[1] ?? 1;
  const place = (index: number): string =>
    parameter.shape.length === 2 ? `[${Math.floor(index / columns) + 1}, ${(index % columns) + 1}]` : `[${index + 1}]`;
  const rows = parameter.entries.map((entry) =>
    html(
      "tr",
      { class: entry.wrong ? "wrong" : null },
      html("th", { scope: "row" }, place(entry.index)),
      html("td", {}, short(entry.derivative, 8)),
      html("td", {}, entry.quotient === null ? "a kink lies too near" : short(entry.quotient, 8)),
    ),
  );
  return scrolling(
    `${name(parameter, layers)}, to scroll`,
    html("table", { class: "checked" }, html("caption", {}, name(parameter, layers)), html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows)),
  );
}

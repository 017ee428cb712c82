// A matrix between brackets, as a table. The entries of a result can be pointed at, or walked through with the arrow keys.
import { html, scrolling } from "./dom";
import { short } from "./format";
import type { MatrixView, Part } from "./types";

export interface Shown {
  figure: HTMLElement;
  cells: HTMLTableCellElement[][];
}

/** The matrix; `choose` makes it a result, and hears which entry is pointed at. */
export function matrix(view: MatrixView, choose?: (row: number, column: number) => void): Shown {
  const shape = view.shape.length === 0 ? "a number" : `(${view.shape.join(", ")})`;
  const cells = view.rows.map((row, r) =>
    row.map((value, c) => {
      const cell = html("td", {}, short(value, 5));
      if (choose) {
        cell.tabIndex = r + c === 0 ? 0 : -1;
        cell.addEventListener("pointerenter", () => choose(r, c));
        cell.addEventListener("focus", () => choose(r, c));
      }
      return cell;
    }),
  );
  const rows = cells.map((row) => html("tr", {}, ...row));
  const all = view.shape.reduce((product, length) => product * length, 1);
  const shown = view.rows.length * (view.rows[0]?.length ?? 0);
  const table = html("table", { "aria-label": `${view.name}, ${shape}` }, html("tbody", {}, ...rows));
  if (choose) table.addEventListener("keydown", (event) => step(event, cells));
  const note = shown < all ? `the first ${view.rows.length} × ${view.rows[0]?.length ?? 0} of them` : "";
  return {
    cells,
    figure: html(
      "figure",
      { class: choose ? "matrix result" : "matrix" },
      html("figcaption", {}, html("b", {}, view.name), ` ${shape}`),
      html("div", { class: "brackets" }, scrolling(`${view.name}, to scroll`, table)),
      note !== "" && html("p", { class: "quiet" }, note),
    ),
  };
}

/** Moves the focus among the entries of a result. */
function step(event: KeyboardEvent, cells: HTMLTableCellElement[][]): void {
  const ways: Record<string, [number, number]> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  };
  const way = ways[event.key];
  if (!way) return;
  const r = cells.findIndex((row) => row.includes(event.target as HTMLTableCellElement));
  const c = cells[r]?.indexOf(event.target as HTMLTableCellElement) ?? -1;
  const to = cells[r + way[0]]?.[c + way[1]];
  event.preventDefault();
  if (!to) return;
  cells.flat().forEach((cell) => (cell.tabIndex = cell === to ? 0 : -1));
  to.focus();
}

/** Marks the entries that a sum reads. */
export function mark(shown: Shown[], parts: Part[]): void {
  shown.forEach(({ cells }, matrix) => {
    const read = parts.filter((part) => part.matrix === matrix);
    cells.forEach((row, r) =>
      row.forEach((cell, c) => {
        const isRead = read.some((part) => (part.row ?? r) === r && (part.column ?? c) === c);
        cell.classList.toggle("read", isRead);
      }),
    );
  });
}

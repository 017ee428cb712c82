// What the training has come to: the curve or surface, the losses, predictions beside measured values, and errors in a table.
import type { Bench } from "./bench";
import { heatMap } from "./colour";
import { html, part, svg } from "./dom";
import { short } from "./format";
import { Plot, dots, line, range } from "./plot";

/** A curve of losses is drawn through so many epochs at most. */
const MOST_EPOCHS = 240;

export function figures(bench: Bench): void {
  const fit = new Plot("What it predicts", { x: "x", y: "y" });
  const losses = new Plot("Loss", { x: "epoch", y: "loss" });
  const compared = new Plot("Predicted and measured", { x: "measured", y: "predicted" });
  const residuals = new Plot("What is left over", { x: "predicted", y: "predicted − measured" });
  part("figures").append(fit.figure, losses.figure, compared.figure, residuals.figure);

  bench.on(["session"], () => {
    const { axes } = bench.card.grid;
    fit.figure.hidden = axes.length === 0;
    fit.name({ x: axes[0]?.name ?? "", y: axes[1]?.name ?? bench.card.target });
  });
  bench.on(["look", "session"], () => {
    if (bench.card.grid.axes.length === 1) drawCurve(bench, fit);
    else if (bench.card.grid.axes.length === 2) drawSurface(bench, fit);
    drawLosses(bench, losses);
    drawCompared(bench, compared);
    drawResiduals(bench, residuals);
    drawErrors(bench);
  });
}

type Place = [number, number];

function drawCurve(bench: Bench, plot: Plot): void {
  const { card, look } = bench;
  const { points, places, predicted } = look.results;
  const { low, high } = card.grid.axes[0]!;
  const y = range([...points.map(([actual]) => actual), ...predicted.filter(Number.isFinite)]);
  plot.draw([low, high], y, false, (across, up) => {
    const at = (seen: boolean): Place[] =>
      points.flatMap((point, k): Place[] => (point[3] === seen ? [[across(places[k]![0]!), up(point[0])]] : []));
    const way = predicted.map((value, k): Place => [across(low + ((high - low) * k) / (predicted.length - 1)), up(value)]);
    return [dots(at(true), 2, "seen"), dots(at(false), 2.4, "unseen"), line(way, "prediction")];
  }, "The line is the prediction; full dots are training rows, rings held-out ones.");
}

function drawSurface(bench: Bench, plot: Plot): void {
  const { card, look } = bench;
  const { points, places, predicted } = look.results;
  const [first, second] = card.grid.axes as [typeof card.grid.axes[0], typeof card.grid.axes[0]];
  if (!first || !second) return;
  const actual = points.map((point) => point[0]);
  const middle = actual.reduce((sum, y) => sum + y, 0) / Math.max(1, actual.length);
  const size = actual.reduce((most, y) => Math.max(most, Math.abs(y - middle)), 1e-9);
  plot.draw([first.low, first.high], [second.low, second.high], false, (across, up) => {
    const [x, y] = [across(first.low), up(second.high)];
    const picture = svg("image", {
      href: heatMap(predicted.map((value) => value - middle), size),
      x,
      y,
      width: across(first.high) - x,
      height: up(second.low) - y,
      preserveAspectRatio: "none",
    });
    const side = (high: boolean): Place[] =>
      points.flatMap((point, k): Place[] => (point[0] >= middle === high ? [[across(places[k]![0]!), up(places[k]![1]!)]] : []));
    return [picture, dots(side(true), 2.4, "high"), dots(side(false), 2.4, "low")];
  }, "The ground is the prediction, the dots are the rows: blue above their mean, orange below.");
}

function drawLosses(bench: Bench, plot: Plot): void {
  const { epochs } = bench;
  const every = Math.max(1, Math.ceil(epochs.length / MOST_EPOCHS));
  const chosen = epochs.map((epoch, k) => ({ epoch, at: k + 1 })).filter(({ at }) => at % every === 0 || at === epochs.length);
  const values = chosen.flatMap(({ epoch }) => [epoch[0], epoch[1] ?? epoch[0]]).filter((value) => value > 0);
  const logarithmic = values.length > 0;
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0.1, 1];
  const has = epochs.some((epoch) => epoch[1] !== null);
  plot.draw([0, Math.max(1, epochs.length)], [low / 1.2, high * 1.2], logarithmic, (across, up) => {
    const way = (pick: (epoch: (typeof epochs)[0]) => number | null): Place[] =>
      chosen.flatMap(({ epoch, at }): Place[] => {
        const value = pick(epoch);
        return value !== null && value > 0 ? [[across(at), up(value)]] : [];
      });
    return [line(way((epoch) => epoch[0]), "training-loss"), line(way((epoch) => epoch[1]), "unseen-loss")];
  }, has ? "The full line is of the training rows, the dashed one of the held-out rows." : "The line is of the training rows.");
}

function drawCompared(bench: Bench, plot: Plot): void {
  const { points, of_unseen } = bench.look.results;
  const both = range(points.flatMap(([actual, predicted]) => [actual, predicted]));
  plot.draw(both, both, false, (across, up) => {
    const at = (seen: boolean): Place[] =>
      points.flatMap((point): Place[] => (point[3] === seen ? [[across(point[0]), up(point[1])]] : []));
    const diagonal: Place[] = both.map((value): Place => [across(value), up(value)]);
    return [line(diagonal, "diagonal"), dots(at(true), 2, "seen"), dots(at(false), 2.4, "unseen")];
  }, `On the line predictions would be right. Full dots are training rows${of_unseen ? ", rings held-out ones" : ""}.`);
}

function drawResiduals(bench: Bench, plot: Plot): void {
  const { points } = bench.look.results;
  const x = range(points.map((point) => point[1]));
  const y = range([0, ...points.map((point) => point[2])]);
  plot.draw(x, y, false, (across, up) => {
    const at = (seen: boolean): Place[] =>
      points.flatMap((point): Place[] => (point[3] === seen ? [[across(point[1]), up(point[2])]] : []));
    return [line([[across(x[0]), up(0)], [across(x[1]), up(0)]], "diagonal"), dots(at(true), 2, "seen"), dots(at(false), 2.4, "unseen")];
  }, "A pattern here is something that the network has not learnt yet.");
}

function drawErrors(bench: Bench): void {
  const { card, look } = bench;
  const { rmse, r2, of_unseen } = look.results;
  const rows: [string, number | null][] = [
    ["This network", rmse],
    ["A straight line (ridge regression)", card.line_error],
    ["Always the mean", card.mean_error],
  ];
  part("errors").replaceChildren(
    html("caption", {}, `Root mean square error on ${of_unseen ? "held-out" : "training"} rows, in units of ${card.target}`),
    html(
      "tbody",
      {},
      ...rows
        .filter(([, error]) => error !== null)
        .map(([name, error]) => html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, short(error, 5)))),
      html("tr", {}, html("th", { scope: "row" }, "Share of the variance explained, R²"), html("td", {}, short(r2, 4))),
    ),
  );
}

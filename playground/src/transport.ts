// Play, pause, one epoch, one batch, one equation, back to the start; and where the training stands.
import type { Bench } from "./bench";
import { html, menu, part } from "./dom";
import { short } from "./format";

export function transport(bench: Bench): void {
  const play = html("button", { class: "main", click: () => (bench.playing ? bench.pause() : bench.play()) }, "Play");
  const speed = menu(
    [
      { value: "fast", words: "as fast as it can" },
      { value: "slow", words: "a step at a time" },
    ],
    "fast",
    (value) => (bench.fast = value === "fast"),
  );
  speed.setAttribute("aria-label", "Speed");
  part("transport").append(
    html("button", { click: () => void bench.rewind() }, "Rewind"),
    play,
    html("button", { click: () => void bench.epoch() }, "One epoch"),
    html("button", { click: () => void bench.step() }, "One batch"),
    html("button", { id: "next-equation", click: () => void bench.next() }, "Next equation"),
    speed,
  );

  const numbers = ["epoch", "step", "loss", "unseen"].map((name) => html("dd", { id: `now-${name}` }));
  const names = ["Epoch", "Step", "Loss, training rows", "Loss, held-out rows"];
  part("now").append(...names.map((name, k) => html("div", {}, html("dt", {}, name), numbers[k]!)));

  bench.on(["play"], () => {
    play.textContent = bench.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", String(bench.playing));
  });
  bench.on(["look", "session"], () => {
    const { state } = bench.look;
    const last = bench.epochs.at(-1);
    const values = [
      String(state.epoch),
      state.batch > 0 && state.batch < state.batches ? `${state.step}, ${state.batch} of ${state.batches} in the epoch` : String(state.step),
      short(bench.card.rows_at_once ? state.loss : (last?.[0] ?? null), 6),
      short(bench.card.rows_at_once ? state.unseen_loss : (last?.[1] ?? null), 6),
    ];
    values.forEach((value, k) => (numbers[k]!.textContent = value));
  });

  const problem = part("problem");
  bench.on(["problem"], () => {
    problem.textContent = bench.problem;
    problem.hidden = bench.problem === "";
  });
}

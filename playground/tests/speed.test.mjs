// How fast the page trains, beside the command on one thread.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onPage } from "./browser.mjs";
import { DIABETES, run } from "./command.mjs";

/** The steps of an epoch: 354 rows in batches of 32. */
const STEPS = 12;
const FEW = 10 * STEPS;
const MANY = 5000 * STEPS;
/** Other programs make the one or the other slower: the fastest attempt counts, of a few or, where they were too slow, of several. */
const ATTEMPTS = { few: 3, several: 12 };

/** Microseconds of a step of the command: what more steps take longer. */
function ofTheCommand() {
  const [few, many] = [FEW, MANY].map((steps) => {
    const options = ["--recipe", "basic", "--hidden", "16,16,8", "--activation", "leaky_relu", "--batch", "32", "--optimizer", "gradient_descent"];
    const begin = performance.now();
    run("train", DIABETES, "--target", "progression", ...options, "--threads", "1", "--epochs", String(steps / STEPS), "--model", "speed.safetensors");
    return performance.now() - begin;
  });
  return (1000 * (many - few)) / (MANY - FEW);
}

/** The same of the page, which an address tells to train. */
async function ofThePage(page) {
  const settings = "data=diabetes&hidden=16,16,8&activation=leaky_relu&batch_size=32&optimizer=gradient_descent&steps=";
  const times = [];
  for (const steps of [FEW, MANY]) {
    const time = ([settings, steps]) =>
      new Promise((resolve) => {
        const begin = performance.now();
        const now = document.getElementById("now-step");
        new MutationObserver((_, observer) => {
          if (now.textContent !== String(steps)) return;
          observer.disconnect();
          resolve(performance.now() - begin);
        }).observe(now, { childList: true });
        location.hash = settings + steps;
      });
    times.push(await page.evaluate(time, [settings, steps]));
  }
  return (1000 * (times[1] - times[0])) / (MANY - FEW);
}

test("the page trains at least a third as fast as the command on one thread", (t) =>
  onPage("data=diabetes", {}, async (page) => {
    let [command, here] = [Infinity, Infinity];
    for (let k = 0; k < ATTEMPTS.few || (k < ATTEMPTS.several && here > 3 * command); k++) {
      command = Math.min(command, ofTheCommand());
      here = Math.min(here, await ofThePage(page));
    }
    t.diagnostic(`a step takes ${here.toFixed(2)} µs in the page, ${command.toFixed(2)} µs in the command`);
    assert.ok(here <= 3 * command, `${here} µs in the page, ${command} µs in the command`);
  }));

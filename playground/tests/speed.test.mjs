// How fast the page trains, beside the command on one thread.
import assert from "node:assert/strict";
import { test } from "node:test";
import { button, onPage } from "./browser.mjs";
import { DIABETES, run } from "./command.mjs";

/** The steps of an epoch: 354 rows in batches of 32. */
const STEPS = 12;
const FEW = 10 * STEPS;
const MANY = 5000 * STEPS;
/** Other programs make the one or the other slower: the fastest attempt counts, of a few or, where they were too slow, of several. */
const ATTEMPTS = { few: 3, several: 12 };

/** Milliseconds that the command takes for so many steps, from its start to the model file. */
function ofTheCommand(steps) {
  const options = ["--recipe", "basic", "--hidden", "16,16,8", "--activation", "leaky_relu", "--batch", "32", "--optimizer", "gradient_descent"];
  const begin = performance.now();
  run("train", DIABETES, "--target", "progression", ...options, "--threads", "1", "--epochs", String(steps / STEPS), "--model", "speed.safetensors");
  return performance.now() - begin;
}

/** Milliseconds that the page takes, from an address that tells it to train to what it shows. */
function ofThePage(page, steps) {
  const settings = "data=diabetes&hidden=16,16,8&activation=leaky_relu&batch_size=32&optimizer=gradient_descent&steps=";
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
  return page.evaluate(time, [settings, steps]);
}

test("the page trains at least a third as fast as the command on one thread", (t) =>
  onPage("data=diabetes", {}, async (page) => {
    const least = { command: [Infinity, Infinity], page: [Infinity, Infinity] };
    /** Microseconds of a step: what more steps take longer. */
    const step = ([few, many]) => (1000 * (many - few)) / (MANY - FEW);
    const isSlow = () => !(step(least.page) <= 3 * step(least.command));
    for (let k = 0; k < ATTEMPTS.few || (k < ATTEMPTS.several && isSlow()); k++) {
      for (const [nth, steps] of [FEW, MANY].entries()) {
        least.command[nth] = Math.min(least.command[nth], ofTheCommand(steps));
        least.page[nth] = Math.min(least.page[nth], await ofThePage(page, steps));
      }
    }
    const said = `a step takes ${step(least.page).toFixed(2)} µs in the page, ${step(least.command).toFixed(2)} µs in the command`;
    t.diagnostic(said);
    assert.equal(isSlow(), false, said);
  }));

/** How often the page was drawn in a second of training. */
function framesPerSecond(page) {
  const count = () =>
    new Promise((resolve) => {
      const begin = performance.now();
      let frames = 0;
      const frame = () => {
        frames += 1;
        const time = performance.now() - begin;
        if (time < 1000) requestAnimationFrame(frame);
        else resolve((1000 * frames) / time);
      };
      requestAnimationFrame(frame);
    });
  return page.evaluate(count);
}

test("the page moves while it trains", (t) =>
  onPage("data=diabetes&hidden=16,16,8", {}, async (page) => {
    await button(page, "Play").click();
    let most = 0;
    // 60 where nothing else runs; half of that where a drawing in software shares two processors with other programs.
    for (let k = 0; k < ATTEMPTS.several && most < 30; k++) most = Math.max(most, await framesPerSecond(page));
    t.diagnostic(`${most.toFixed(0)} frames a second`);
    assert.ok(most >= 30, `${most.toFixed(0)} frames a second`);
  }));

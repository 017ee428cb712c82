// Lessons and equations, with the numbers of the derivation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { button, matrix, now, onPage, ready, untilEpoch } from "./browser.mjs";

test("a whole lesson by keyboard alone", () =>
  onPage("", {}, async (page) => {
    const { keyboard } = page;
    const focus = (selector) => page.waitForFunction((s) => document.activeElement?.matches(s), selector);
    const tabTo = async (selector) => {
      for (let k = 0; k < 60; k++) {
        if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
        await keyboard.press("Tab");
      }
      assert.fail(`Tab does not lead to ${selector}`);
    };
    await tabTo("#lesson-choice");
    // The third lesson is the third letter 3 in the menu.
    await keyboard.type("3");
    await page.waitForFunction(() => document.getElementById("lesson").textContent.includes("One step by hand"));
    await tabTo("#next-equation");
    const seen = [];
    for (let k = 0; k < 16; k++) {
      await keyboard.press("Enter");
      await page.waitForFunction((k) => document.querySelectorAll("#steps button")[k]?.hasAttribute("aria-current"), k);
      seen.push(await page.textContent("#steps [aria-current]"));
      if (k === 0) {
        await tabTo(".result td");
        await page.waitForFunction(() => document.querySelector(".sum").textContent.includes("Z[1, 1] = 1·2 + 2·(−1) + (−2) = −2"));
        await keyboard.press("ArrowDown");
        await page.waitForFunction(() => document.querySelector(".sum").textContent.includes("Z[2, 1] = 2·2 + (−1)·(−1) + (−2) = 3"));
        await page.focus("#next-equation");
        await focus("#next-equation");
      }
    }
    assert.equal(seen.join(" "), "F1 F2 F3 L1 L0 L0 B2 B3 B4 B1 B2 B3 O1 O1 O1 O1");
    assert.equal(await now(page, "loss"), "5");
    await keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("now-step").textContent === "1");
    assert.equal(await now(page, "loss"), "2.68806");
  }));

test("the worked example shows its matrices with names and shapes", () =>
  onPage("lesson=3-one-step-by-hand", {}, async (page) => {
    await button(page, "Next equation").click();
    await page.waitForSelector(".result");
    assert.deepEqual(await matrix(page, "Z"), [[-2, 4], [3, 2]]);
    assert.deepEqual(await page.$$eval(".matrix figcaption", (all) => all.map((one) => one.textContent)), ["X (2, 2)", "W (2, 2)", "b (2)", "Z (2, 2)"]);
    await page.locator("#steps button").nth(10).click();
    assert.deepEqual(await matrix(page, "∂C/∂W"), [[-1, 8], [-1, -7]]);
    const lit = await page.$$eval("#graph .lit", (all) => all.length);
    assert.equal(lit, 4 + 2, "the four edges of layer 1 and its two neurons are lit");
  }));

test("every lesson opens, and each of its links leads to a training", () =>
  onPage("", {}, async (page) => {
    const names = await page.$$eval("#lesson-choice option", (all) => all.map((one) => one.value).filter(Boolean));
    assert.equal(names.length, 7);
    for (const name of names) {
      await page.selectOption("#lesson-choice", name);
      await page.waitForFunction((name) => document.getElementById("lesson").dataset.name === name, name);
      const links = await page.$$("#lesson a");
      for (const link of links) {
        await link.click();
        await button(page, "One epoch").click();
        await untilEpoch(page, 1);
        assert.equal(await page.isVisible("#problem"), false, await page.textContent("#problem"));
      }
    }
  }));

test("a learning rate too large says so, and the page goes on", () =>
  onPage("lesson=4-a-learning-rate-too-large", {}, async (page) => {
    await page.getByRole("link", { name: "η = 3" }).click();
    await button(page, "Play").click();
    await page.waitForSelector("#problem:not([hidden])");
    assert.match(await page.textContent("#problem"), /learning rate/);
    await button(page, "Rewind").click();
    await page.waitForSelector("#problem", { state: "hidden" });
  }));

test("planted mistakes are found, and their equation is named", () =>
  onPage("lesson=7-mistakes-and-how-to-find-them", {}, async (page) => {
    const verdict = async (mistake) => {
      await page.selectOption("#mistake", mistake);
      await page.$eval("#found", (found) => found.replaceChildren());
      await button(page, "Check the gradients").click();
      await page.waitForSelector(".verdict");
      return page.textContent(".verdict");
    };
    await button(page, "One epoch").click();
    await untilEpoch(page, 1);
    assert.match(await verdict(""), /^All \d+ derivatives agree/);
    const mistakes = await page.$$eval("#mistake option", (all) => all.map((one) => [one.value, one.textContent.split(":")[0]]));
    assert.equal(mistakes.length, 9);
    for (const [mistake, equation] of mistakes.slice(1)) {
      assert.ok((await verdict(mistake)).includes(equation), `${mistake}: ${await page.textContent(".verdict")}`);
    }
  }));

test("an address leads back to the same step with the same weights", () =>
  onPage("data=saddle&hidden=3&seed=5", {}, async (page) => {
    for (let k = 0; k < 3; k++) await button(page, "One batch").click();
    await page.waitForFunction(() => location.hash.includes("steps=3"));
    const loss = await now(page, "loss");
    await page.reload();
    await ready(page);
    assert.equal(await now(page, "loss"), loss);
    assert.match(await now(page, "step"), /^3/);
  }));

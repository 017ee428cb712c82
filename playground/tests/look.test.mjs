// How the page looks: widths, schemes of colours, accessibility, print.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { button, onPage } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Everything that can be open at once. */
async function openAll(page) {
  await button(page, "One epoch").click();
  await button(page, "Next equation").click();
  await page.waitForSelector(".result");
  await button(page, "Check the gradients").click();
  await page.waitForSelector(".verdict");
  await page.$$eval("details", (all) => all.forEach((one) => (one.open = true)));
  await page.locator(".node").first().dispatchEvent("click");
  await page.waitForSelector("#neuron input");
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 768, 1440]) {
    test(`at ${width} pixels, ${colorScheme}, nothing is too wide and axe finds nothing`, () =>
      onPage("lesson=6-saturation", { colorScheme, viewport: { width, height: 900 } }, async (page) => {
        await openAll(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wide, 0, `${wide} pixels too wide`);
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => axe.run());
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" ; ")}`);
        assert.deepEqual(found, []);
      }));
  }
}

test("light and dark have different grounds, and the same page", () =>
  onPage("", { colorScheme: "dark" }, async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.emulateMedia({ colorScheme: "light" });
    assert.notEqual(await ground(), dark);
  }));

test("a lesson prints without its controls", () =>
  onPage("lesson=1-a-neuron-is-a-line", {}, async (page) => {
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.isVisible("#lesson"), true);
    assert.equal(await page.isVisible("#transport"), false);
    assert.equal(await page.isVisible("#form"), false);
  }));

test("a saturated neuron is marked, with a sentence", () =>
  onPage("data=wave&hidden=3", {}, async (page) => {
    await page.getByRole("button", { name: "Neuron 1 of layer 1", exact: true }).click();
    await page.getByLabel("Bias").fill("20");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#marks li");
    assert.match(await page.textContent("#marks"), /Neuron 1 of layer 1 is saturated/);
  }));

test("the page is at most 600 kB, packed by gzip as every web server can pack it", () => {
  const folder = process.env.PLAYGROUND ?? "../target/playground";
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map((entry) => gzipSync(readFileSync(join(entry.parentPath, entry.name))).length);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(files.length >= 5 && all <= 600_000, `${all} bytes`);
});

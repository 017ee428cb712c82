// The page in Chromium: opened anew for each test, and watched for errors, for requests to elsewhere, and for too much width.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];

let browser;
let server;

before(async () => {
  server = await serve(process.env.PLAYGROUND ?? "../target/playground");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
});

after(async () => {
  await browser?.close();
  server.stop();
});

/** Runs a test on a fresh page at this address; what goes wrong on the page is the test's failure. */
export async function onPage(hash, options, test) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.address) && !url.startsWith("data:") && !url.startsWith("blob:")) wrong.push(`asked for ${url}`);
  });
  try {
    await page.goto(`${server.address}#${hash}`);
    await ready(page);
    await test(page);
  } finally {
    await page.close();
  }
  assert.deepEqual(wrong, []);
}

export const ready = (page) => page.waitForSelector("body[data-ready]");

/** A button by its words. */
export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** What stands beside a name above the graph, such as the loss. */
export const now = (page, name) => page.textContent(`#now-${name}`);

/** Waits until a training has come to this epoch. */
export const untilEpoch = (page, epoch) =>
  page.waitForFunction((wanted) => Number(document.getElementById("now-epoch").textContent) >= wanted, epoch);

/** The weights and the bias of a neuron, as its fields show them. */
export async function weights(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  return page.$$eval("#neuron input", (inputs) => inputs.map((input) => input.value));
}

/** What a button offers as a file. */
export async function kept(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return { path: await download.path(), name: download.suggestedFilename() };
}

/** The numbers of a matrix of the equation in view, by its name. */
export async function matrix(page, name) {
  const rows = await page.$$eval(
    ".matrix table",
    (tables, name) => {
      const table = tables.findLast((table) => table.getAttribute("aria-label").startsWith(`${name}, `));
      return [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    },
    name,
  );
  return rows.map((row) => row.map((text) => Number(text.replaceAll("−", "-"))));
}

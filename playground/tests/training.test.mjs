// The training: rewinding, editing, tables of one's own, and the command's files.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { button, kept, matrix, now, onPage, ready, untilEpoch, weights } from "./browser.mjs";
import { COMMAND, DIABETES, file, folder, run } from "./command.mjs";

test("a rewind gives the same bits again", () =>
  onPage("data=ring&hidden=4", {}, async (page) => {
    const name = "Neuron 1 of layer 1";
    const begin = await weights(page, name);
    await button(page, "One epoch").click();
    await untilEpoch(page, 1);
    const trained = await weights(page, name);
    assert.notDeepEqual(trained, begin);
    await button(page, "Rewind").click();
    await page.waitForFunction(() => document.getElementById("now-epoch").textContent === "0");
    assert.deepEqual(await weights(page, name), begin);
    await button(page, "One epoch").click();
    await untilEpoch(page, 1);
    assert.deepEqual(await weights(page, name), trained);
  }));

test("an edited weight changes the loss as the core says, and the address keeps it", () =>
  onPage("data=example&optimizer=gradient_descent&batch_size=0", {}, async (page) => {
    assert.equal(await now(page, "loss"), "5");
    assert.deepEqual(await weights(page, "The output"), ["2", "-1", "1"]);
    await page.getByLabel("Weight for neuron 1 of layer 1").fill("3");
    await page.keyboard.press("Enter");
    // C(3) = 4: the derivation checks a derivative by hand with it.
    await page.waitForFunction(() => document.getElementById("now-loss").textContent === "4");
    await page.waitForFunction(() => location.hash.includes("weights="));
    await page.reload();
    await ready(page);
    assert.equal(await now(page, "loss"), "4");
  }));

test("a table of one's own with gaps and text is trained on", () =>
  onPage("", {}, async (page) => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7 ? i : ""},${["flat", "house", "hut"][i % 3]},${3 * i + 20 * (i % 3)}`);
    await page.setInputFiles("#file", file("homes.csv", `area,kind,price\n${rows.join("\n")}\n`));
    await page.waitForSelector("#columns button");
    assert.match(await page.textContent("#columns"), /homes\.csv: 60 rows, 3 columns/);
    assert.match(await page.textContent("#columns"), /area: numbers, 9 missing/);
    assert.match(await page.textContent("#columns"), /kind: categories/);
    await button(page, "Use this table").click();
    await page.waitForFunction(() => document.getElementById("data-fields").textContent.includes("Predicted: price"));
    const before = Number(await now(page, "loss"));
    for (let k = 0; k < 5; k++) await button(page, "One epoch").click();
    await untilEpoch(page, 5);
    assert.ok(Number(await now(page, "loss")) < before);
  }));

test("a table packed by gzip and written by Windows is read as the command reads it", () =>
  onPage("", {}, async (page) => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},5;${2 * i}`).join("\r\n");
    await page.setInputFiles("#file", file("gr\u00f6sse.csv.gz", gzipSync(Buffer.from(`gr\u00f6\u00dfe;preis\r\n${rows}`, "latin1"))));
    await page.waitForSelector("#columns button");
    assert.match(await page.textContent("#columns"), /größe: numbers/);
  }));

test("names of columns are composed as the command composes them", () =>
  onPage("", {}, async (page) => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${2 * i}`).join("\n");
    await page.setInputFiles("#file", file("apart.csv", `gro\u0308\u00dfe,preis\n${rows}`));
    await page.waitForSelector("#columns button");
    assert.match(await page.textContent("#columns"), /gr\u00f6\u00dfe: numbers/);
  }));

test("a bad table gives the command's message", () =>
  onPage("", {}, async (page) => {
    const tables = { "ragged.csv": "x,y\n1,2\n2\n3,4,5\n", "empty.csv": "", "picture.csv": "\x89PNG\r\n", "head.csv": "x,y\n" };
    for (const [name, text] of Object.entries(tables)) {
      await page.setInputFiles("#file", file(name, Buffer.from(text, "latin1")));
      const { stderr } = spawnSync(COMMAND, ["inspect", name], { cwd: folder, encoding: "utf8" });
      const message = stderr.replace(/^error: /, "").trim();
      await page.waitForFunction((name) => document.getElementById("problem").textContent.includes(name), name);
      assert.equal((await page.textContent("#problem")).trim(), message);
    }
    // The training that was there goes on.
    await button(page, "One epoch").click();
    await untilEpoch(page, 1);
  }));

test("equations have the numbers of `chainrule explain`", () =>
  onPage("held_out=0&batch_size=0&hidden=3", {}, async (page) => {
    const rows = ["1,2,3", "2,-1,4.5", "0.5,0.25,-2"];
    const table = file("three.csv", `a,b,y\n${rows.join("\n")}\n`);
    await page.setInputFiles("#file", table);
    await page.getByLabel("Column to predict").selectOption("y");
    await button(page, "Use this table").click();
    await page.waitForFunction(() => document.getElementById("data-fields").textContent.includes("3 rows to learn from"));
    await button(page, "One batch").click();
    await page.waitForFunction(() => document.getElementById("now-step").textContent === "1");
    await button(page, "Next equation").click();
    await page.waitForSelector(".result");
    const shown = (await matrix(page, "Z")).map(String).sort();
    const model = await kept(page, () => button(page, "Keep the model").click());
    const explained = rows.map((_, k) => {
      const text = run("explain", model.path, table, "--row", String(k + 1));
      const numbers = /Z {2,}\(1, 3\) +(.*)/.exec(text)[1];
      return numbers.match(/-?\d[\d.e-]*/g).map((number) => Number(Number(number).toPrecision(5)));
    });
    assert.deepEqual(shown, explained.map(String).sort());
  }));

test("a model goes to the command and comes back", () =>
  onPage("data=diabetes&hidden=5", {}, async (page) => {
    for (let k = 0; k < 2; k++) await button(page, "One epoch").click();
    await untilEpoch(page, 2);
    const trained = await weights(page, "Neuron 2 of layer 1");
    const model = await kept(page, () => button(page, "Keep the model").click());
    assert.equal(model.name, "playground.safetensors");
    // The command judges the page's network on all rows; those that the page shows are the same to rounding.
    const evaluated = run("predict", model.path, DIABETES, "--output", join(folder, "predicted.csv"));
    assert.ok(evaluated !== undefined);
    await button(page, "Rewind").click();
    await page.waitForFunction(() => document.getElementById("now-epoch").textContent === "0");
    const back = join(folder, "playground.safetensors");
    execFileSync("cp", [model.path, back]);
    await page.setInputFiles("#file", back);
    await page.waitForFunction((wanted) => {
      document.querySelector("[aria-label='Neuron 2 of layer 1']").dispatchEvent(new MouseEvent("click"));
      return document.querySelector("#neuron input")?.value === wanted;
    }, trained[0]);
    assert.deepEqual(await weights(page, "Neuron 2 of layer 1"), trained);
  }));

test("a model of the command opens in the page with its error", () =>
  onPage("data=diabetes", {}, async (page) => {
    const options = ["--recipe", "basic", "--hidden", "6", "--epochs", "4", "--seed", "3", "--model", "m.safetensors"];
    run("train", DIABETES, "--target", "progression", ...options);
    await page.setInputFiles("#file", join(folder, "m.safetensors"));
    await page.waitForFunction(() => document.querySelectorAll(".layers li").length === 1 || !document.getElementById("problem").hidden);
    assert.equal(await page.textContent("#problem"), "");
    assert.equal(await page.textContent(".layers output"), "6");
    assert.equal(await page.inputValue("#setup-seed"), "3");
  }));

/** A table of homes; the order of its columns can be another, and one more can lie between them. */
function homes(from, to, write) {
  const rows = Array.from({ length: to - from }, (_, k) => {
    const [area, kind] = [((from + k) * 37) % 50, k % 3];
    return write((from + k) % 7 ? area : "", ["flat", "house", "hut"][kind], 3 * area + 20 * kind);
  });
  return `${write("area", "kind", "price")}\n${rows.join("\n")}\n`;
}

/** The error of the network that the page shows. */
const errorOf = async (page) => Number((await page.textContent("#errors td")).replaceAll("−", "-"));

test("a model of the command opens on another table, before or after it", () =>
  onPage("data=wave", {}, async (page) => {
    const learnt = file("learnt.csv", homes(0, 60, (area, kind, price) => `${area},${kind},${price}`));
    const other = file("other.csv", homes(60, 140, (area, kind, price) => `${price},1,${kind},${area}`));
    const options = ["--recipe", "basic", "--hidden", "6,4", "--activation", "tanh,silu", "--epochs", "40"];
    run("train", learnt, "--target", "price", ...options, "--validation", "0", "--model", "homes.safetensors");
    const model = join(folder, "homes.safetensors");
    const expected = Number(/rmse +([\d.]+)/.exec(run("evaluate", model, other))[1]);

    // The model first: it waits for a table with its columns.
    await page.setInputFiles("#file", model);
    await page.waitForSelector("#problem:not([hidden])");
    assert.match(await page.textContent("#problem"), /^a wave does not have the columns "area", "kind", "price" that homes\.safetensors was trained with/);
    await page.setInputFiles("#file", other);
    await button(page, "Open homes.safetensors on it").click();
    await page.waitForFunction(() => document.getElementById("data-fields").textContent.includes("80 rows to learn from"));
    assert.match(await page.textContent("#data-fields"), /homes\.safetensors was trained on another table/);
    assert.ok(Math.abs((await errorOf(page)) - expected) < 1e-3 * expected, `${await errorOf(page)} ${expected}`);
    assert.equal(await page.inputValue("#setup-activation-1"), "silu");

    // It trains on, and what the page keeps is the command's to judge.
    for (let k = 0; k < 3; k++) await button(page, "One epoch").click();
    await untilEpoch(page, 3);
    const trained = await kept(page, () => button(page, "Keep the model").click());
    const judged = Number(/rmse +([\d.]+)/.exec(run("evaluate", trained.path, other))[1]);
    assert.ok(Math.abs((await errorOf(page)) - judged) < 1e-3 * judged, `${await errorOf(page)} ${judged}`);

    // The table first.
    await page.setInputFiles("#file", other);
    await button(page, "Use this table").click();
    await page.waitForFunction(() => document.querySelector(".layers output").textContent === "6" && !document.getElementById("data-fields").textContent.includes("another table"));
    await page.setInputFiles("#file", model);
    await page.waitForFunction(() => document.getElementById("data-fields").textContent.includes("another table"));
    assert.ok(Math.abs((await errorOf(page)) - expected) < 1e-3 * expected);
  }));

test("each layer has its own activation, in the address and in the model file", () =>
  onPage("data=ring&hidden=3,2", {}, async (page) => {
    await page.getByLabel("Activation of layer 2").selectOption("relu");
    await page.waitForFunction(() => location.hash.includes("activation=tanh,relu"));
    assert.equal(await page.inputValue("#setup-activation"), "");
    assert.match(await page.textContent("#network-fields"), /layer 1: a\(z\) = tanh z.*layer 2: a\(z\) = max\(0, z\)/);
    await button(page, "Add a layer").click();
    await page.waitForFunction(() => location.hash.includes("activation=tanh,relu,relu"));
    await button(page, "Remove layer 2").click();
    await page.waitForFunction(() => /activation=tanh,relu(&|$)/.test(location.hash));
    const begin = await weights(page, "Neuron 1 of layer 2");
    await button(page, "One epoch").click();
    await untilEpoch(page, 1);
    const trained = await weights(page, "Neuron 1 of layer 2");
    await button(page, "Rewind").click();
    await page.waitForFunction(() => document.getElementById("now-epoch").textContent === "0");
    assert.deepEqual(await weights(page, "Neuron 1 of layer 2"), begin);
    await button(page, "One epoch").click();
    await page.waitForFunction(() => location.hash.includes("steps="));
    await page.reload();
    await ready(page);
    assert.deepEqual(await weights(page, "Neuron 1 of layer 2"), trained);
    const model = await kept(page, () => button(page, "Keep the model").click());
    assert.match(run("describe", model.path), /tanh.*relu/s);
    await page.getByLabel("Activation of all layers").selectOption("gelu");
    await page.waitForFunction(() => /activation=gelu(&|$)/.test(location.hash));
  }));

test("fifty thousand rows do not freeze the page", () =>
  onPage("", {}, async (page) => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i % 101},${(i * 7) % 89},${(i % 101) * ((i * 7) % 89)}`);
    await page.setInputFiles("#file", file("long.csv", `a,b,y\n${rows.join("\n")}\n`));
    await button(page, "Use this table").click();
    await page.waitForFunction(() => document.getElementById("data-fields").textContent.includes("40000 rows to learn from"));
    await button(page, "Play").click();
    const longest = await page.evaluate(
      () =>
        new Promise((resolve) => {
          let [last, longest, pictures] = [performance.now(), 0, 0];
          const picture = (time) => {
            longest = Math.max(longest, time - last);
            last = time;
            if (++pictures < 40) requestAnimationFrame(picture);
            else resolve(longest);
          };
          requestAnimationFrame(picture);
        }),
    );
    await button(page, "Pause").click();
    assert.ok(longest < 500, `the page stood still for ${longest} ms`);
  }));

test("numbers of a step and a figure can be kept", () =>
  onPage("data=example", {}, async (page) => {
    await button(page, "Next equation").click();
    const csv = await kept(page, () => button(page, "Numbers as CSV").click());
    assert.match(execFileSync("head", ["-2", csv.path], { encoding: "utf8" }), /^step,equation,layer,matrix,row,column,value\n1,F1,1,X,1,1,1\n$/);
    const figure = await kept(page, () => page.getByRole("button", { name: 'Keep the figure "Loss" as SVG' }).click());
    assert.match(execFileSync("head", ["-c", "4", figure.path], { encoding: "utf8" }), /^<svg/);
  }));

// The command beside the page, in a folder of its own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const COMMAND = resolve(process.env.CHAINRULE_COMMAND ?? "../target/release/chainrule");
export const DIABETES = new URL("../../data/diabetes.csv", import.meta.url).pathname;
export const folder = mkdtempSync(join(tmpdir(), "playground-"));

/** A file in the folder. */
export function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What the command writes to standard output. */
export const run = (...options) =>
  execFileSync(COMMAND, options, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

// The worker: it owns the core and the training, so that the page never waits for either.
import init, { Playground, choices, columns, model } from "./core/core";
import address from "./core/core_bg.wasm?url";
import type { Check, Choices, ColumnCard, Entry, Look, ModelCard, ModelFile, OwnTable, Settings, Walk } from "./types";

const ready = init({ module_or_path: address });
let playground: Playground | null = null;

function current(): Playground {
  if (!playground) throw new Error("no training has been prepared");
  return playground;
}

function replace(next: Playground): void {
  playground?.free();
  playground = next;
}

function look(from: number, problem: string | null = null): Look {
  const p = current();
  return {
    state: JSON.parse(p.state()),
    epochs: JSON.parse(p.history(from)),
    neurons: p.neurons(),
    marks: JSON.parse(p.marks()),
    results: JSON.parse(p.results()),
    problem,
  };
}

/** Trains, and says why it stopped where it did. */
function attempt(train: () => void): string | null {
  try {
    train();
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Trains for so many milliseconds. */
function trainFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  for (let steps = 1; ; steps = Math.min(2 * steps, 256)) {
    const begin = performance.now();
    current().train(steps);
    const now = performance.now();
    if (now + 2 * (now - begin) >= end) return;
  }
}

/** What the page may ask for. */
export const methods = {
  choices: (): Choices => JSON.parse(choices()),
  columns: (table: OwnTable): [number, ColumnCard[]] => JSON.parse(columns(table.bytes, table.name)),
  create(settings: Settings, own: OwnTable | null): string {
    replace(new Playground(JSON.stringify(settings), own?.bytes, own?.name ?? ""));
    return current().describe();
  },
  model: (file: ModelFile): ModelCard => JSON.parse(model(file.bytes, file.name)),
  open(settings: Settings, own: OwnTable | null, file: ModelFile): string {
    replace(Playground.open(JSON.stringify(settings), own?.bytes, own?.name ?? "", file.bytes, file.name));
    return current().describe();
  },
  describe: (): string => current().describe(),
  look: (from: number): Look => look(from),
  train: (steps: number, from: number): Look => look(from, attempt(() => current().train(steps))),
  trainEpoch: (from: number): Look => look(from, attempt(() => current().train_epoch())),
  trainFor: (milliseconds: number, from: number): Look => look(from, attempt(() => trainFor(milliseconds))),
  rewind: (): void => current().rewind(),
  setParameter: (index: number, value: number): void => current().set_parameter(index, value),
  setParameters: (values: Float32Array): void => current().set_parameters(values),
  retune: (rate: number, penalty: number): void => current().retune(rate, penalty),
  walk: (): Walk => JSON.parse(current().walk()),
  entry: (step: number, row: number, column: number): Entry => JSON.parse(current().entry(step, row, column)),
  walkCsv: (): string => current().walk_csv(),
  check: (mistake: string | null): Check => JSON.parse(current().check(mistake ?? undefined)),
  modelFile: (): Uint8Array => current().model_file(),
};

export type Methods = typeof methods;

addEventListener("message", async ({ data }: MessageEvent<{ id: number; method: keyof Methods; values: unknown[] }>) => {
  try {
    await ready;
    const call = methods[data.method] as (...values: unknown[]) => unknown;
    postMessage({ id: data.id, result: call(...data.values) });
  } catch (error) {
    postMessage({ id: data.id, problem: error instanceof Error ? error.message : String(error) });
  }
});

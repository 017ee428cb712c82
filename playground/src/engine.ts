// The page's end of the worker: every method of it as a promise.
import type { Methods } from "./worker";

type Answer = { id: number; result?: unknown; problem?: string };

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const waiting = new Map<number, { resolve: (result: never) => void; reject: (problem: Error) => void }>();
let calls = 0;

worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
  const call = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.problem === undefined) call?.resolve(data.result as never);
  else call?.reject(new Error(data.problem));
});

/** Asks the worker; what it refuses rejects with the core's own message. */
export function ask<M extends keyof Methods>(
  method: M,
  ...values: Parameters<Methods[M]>
): Promise<ReturnType<Methods[M]>> {
  const id = ++calls;
  worker.postMessage({ id, method, values });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

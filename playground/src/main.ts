// The page put together: the state, the parts that show it, and the address that keeps it.
import "./style.css";
import { read, write } from "./address";
import { Bench } from "./bench";
import { part } from "./dom";
import { ask } from "./engine";
import { equations } from "./equations";
import { figures } from "./figures";
import { files } from "./files";
import { gradients } from "./gradients";
import { Graph } from "./graph";
import { lessonPanel, stateOf } from "./lessons";
import { neuronPanel } from "./neuron";
import { setup } from "./setup";
import { transport } from "./transport";

const bench = new Bench();

/** Goes where the address leads; one that names a lesson alone leads to the lesson's state. */
function follow(address: string): Promise<void> {
  const text = new URL(address).hash.slice(1);
  const place = read(text);
  const lesson = stateOf(place.lesson);
  if (lesson !== null && text === `lesson=${place.lesson}`) return bench.go({ ...read(lesson), lesson: place.lesson });
  return bench.go(place);
}

/** Writes the address when nothing has happened for a moment. */
function address(): void {
  let timer = 0;
  bench.on(["session", "look"], () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => history.replaceState(null, "", `#${write(bench.place())}`), 300);
  });
  part("link").addEventListener("click", () => {
    history.replaceState(null, "", `#${write(bench.place())}`);
    navigator.clipboard.writeText(location.href).then(
      () => (part("link-said").textContent = "The address is on the clipboard."),
      () => (part("link-said").textContent = "The address bar holds the link."),
    );
  });
  // The address of the event: by now the page may have written its own again.
  addEventListener("hashchange", (event) => void follow((event as HashChangeEvent).newURL));
}

/** What the page's frame does: the way past the head, and a form that opens by itself where there is room for it. */
function frame(): void {
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    part("transport").focus();
  });
  (part("form") as HTMLDetailsElement).open = matchMedia("(min-width: 60rem)").matches;
}

async function begin(): Promise<void> {
  frame();
  const choices = await ask("choices");
  transport(bench);
  setup(bench, choices);
  new Graph(bench);
  neuronPanel(bench);
  figures(bench);
  equations(bench);
  gradients(bench, choices);
  files(bench);
  lessonPanel(bench);
  address();
  await follow(location.href);
  // An address that leads nowhere still shows a page.
  if (!bench.card) {
    const { problem } = bench;
    await bench.go(read(""));
    bench.say(problem);
  }
  document.body.dataset["ready"] = "true";
}

begin().catch((error: unknown) => bench.say(`This page needs a browser with WebAssembly SIMD: ${String(error)}`));

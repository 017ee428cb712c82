// Tables and model files that come in, and the model that goes out. Nothing of them leaves the machine.
import { ask } from "./engine";
import type { Bench } from "./bench";
import { html, keep, labelled, menu, part } from "./dom";
import type { ColumnCard, OwnTable } from "./types";

export function files(bench: Bench): void {
  const receive = (file: File): void => {
    const name = file.name;
    void file.arrayBuffer().then((buffer) => {
      const bytes = new Uint8Array(buffer);
      return name.endsWith(".safetensors") ? bench.open({ name, bytes }) : offer(bench, { name, bytes });
    });
  };
  const picker = html("input", {
    type: "file",
    id: "file",
    class: "unseen-input",
    accept: ".csv,.tsv,.txt,.gz,.safetensors",
    change: () => {
      const file = picker.files?.[0];
      if (file) receive(file);
      picker.value = "";
    },
  });
  const paste = html("textarea", { rows: 5, spellcheck: "false", placeholder: "area,rooms,price\n52.5,2,210000" });
  const read = (): void => void offer(bench, { name: "the pasted table", bytes: new TextEncoder().encode(paste.value) });
  const take = html("button", { click: read }, "Read these rows");
  part("own").append(
    html("label", { for: "file", class: "button" }, "Open a CSV file or a model"),
    picker,
    html("details", {}, html("summary", {}, "Paste rows"), labelled("Rows, the first with the columns' names", paste), take),
    html("div", { id: "columns" }),
  );
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event: DragEvent) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) receive(file);
  });
  part("keep-model").addEventListener("click", () => {
    bench.modelFile().then(
      (bytes) => keep("playground.safetensors", bytes as Uint8Array<ArrayBuffer>, "application/octet-stream"),
      (error: Error) => bench.say(error.message),
    );
  });
  bench.on(["session"], () => part("columns").replaceChildren());
}

/** The bytes with the names of the columns, in the first line, in Unicode's composed form, as the command has them. */
function composed(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(10);
  const line = bytes.subarray(0, end < 0 ? bytes.length : end);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    const names = text.normalize("NFC");
    if (names === text) return bytes;
    const head = new TextEncoder().encode(names);
    const all = new Uint8Array(head.length + bytes.length - line.length);
    all.set(head);
    all.set(bytes.subarray(line.length), head.length);
    return all;
  } catch {
    return bytes; // Not UTF-8: packed, or written in an encoding whose letters are whole.
  }
}

/** Lets the user choose which column of a table is predicted. */
async function offer(bench: Bench, { name, bytes }: OwnTable): Promise<void> {
  const own = { name, bytes: composed(bytes) };
  bench.pause();
  try {
    const [rows, columns] = await ask("columns", own);
    bench.say("");
    const { waiting } = bench;
    const open = waiting && html("button", { class: "main", click: () => void bench.openWaiting(own) }, `Open ${waiting.name} on it`);
    const targets = columns.filter((column) => column.numbers);
    if (targets.length === 0) {
      bench.say(`${own.name} has no column of numbers: there is nothing that a regression could predict.`);
      return;
    }
    let target = targets.at(-1)!.name;
    const choice = menu(targets.map(({ name }) => ({ value: name, words: name })), target, (name) => (target = name));
    const train = html(
      "button",
      {
        class: waiting ? null : "main",
        click: () => {
          bench.own = own;
          void bench.start({ ...bench.settings, data: "own", target });
        },
      },
      "Use this table",
    );
    part("columns").replaceChildren(
      html("p", {}, html("b", {}, own.name), `: ${rows} rows, ${columns.length} columns`),
      html("ul", { class: "quiet" }, ...columns.map((column) => html("li", {}, describe(column)))),
      ...(open ? [open] : []),
      labelled("Column to predict", choice),
      train,
    );
    (open ?? choice).focus();
  } catch (error) {
    part("columns").replaceChildren();
    bench.say(error instanceof Error ? error.message : String(error));
  }
}

function describe({ name, kind, missing }: ColumnCard): string {
  return `${name}: ${kind}${missing > 0 ? `, ${missing} missing` : ""}`;
}

// The lessons: each a Markdown file with the state that the playground is set to beside it.
import type { Bench } from "./bench";
import { read, write } from "./address";
import { html, menu, part } from "./dom";

interface Lesson {
  title: string;
  order: string;
  state: string;
  html: string;
}

const found = import.meta.glob<Lesson>("../lessons/*.md", { eager: true, import: "default" });
const lessons = Object.entries(found)
  .map(([path, lesson]) => ({ ...lesson, name: path.replace(/^.*\/(.*)\.md$/, "$1") }))
  .sort((a, b) => Number(a.order) - Number(b.order));

/** The state of a lesson, for an address that names nothing but the lesson. */
export function stateOf(name: string): string | null {
  return lessons.find((lesson) => lesson.name === name)?.state ?? null;
}

export function lessonPanel(bench: Bench): void {
  const choices = [{ value: "", words: "No lesson" }, ...lessons.map(({ name, order, title }) => ({ value: name, words: `${order}  ${title}` }))];
  const choice = menu(choices, bench.lesson, (name) => open(name));
  choice.id = "lesson-choice";
  part("lesson-field").append(html("label", { for: choice.id }, "Lesson"), choice);

  const open = (name: string): void => {
    const lesson = lessons.find((one) => one.name === name);
    const place = read(lesson?.state ?? "");
    if (lesson) void bench.go({ ...place, lesson: name });
    else {
      bench.lesson = "";
      show();
    }
  };

  const show = (): void => {
    const panel = part("lesson");
    choice.value = bench.lesson;
    if (panel.dataset["name"] === bench.lesson) return;
    panel.dataset["name"] = bench.lesson;
    const at = lessons.findIndex((lesson) => lesson.name === bench.lesson);
    const lesson = lessons[at];
    panel.hidden = lesson === undefined;
    document.body.classList.toggle("with-lesson", lesson !== undefined);
    if (!lesson) return;
    const text = html("div", { class: "prose" });
    text.innerHTML = lesson.html;
    // A link such as [a rate of 1](set:learning_rate=1) leads to the lesson's state with this change.
    for (const link of text.querySelectorAll<HTMLAnchorElement>("a[href^='set:']")) {
      const said = link.getAttribute("href")!.slice("set:".length);
      const place = read(decodeURI(said), read(lesson.state).settings);
      link.href = `#${write({ ...place, lesson: lesson.name })}`;
    }
    const next = lessons[at + 1];
    panel.replaceChildren(
      html("h2", {}, `${lesson.order}. ${lesson.title}`),
      text,
      html(
        "div",
        { class: "row" },
        html("button", { click: () => open(lesson.name) }, "Set it up again"),
        next ? html("button", { class: "main", click: () => open(next.name) }, `Next: ${next.title}`) : null,
      ),
    );
  };

  bench.on(["session"], show);
}

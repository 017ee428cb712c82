// Elements in one line each.

type Child = Node | string | null | false;
type Value = string | number | boolean | null | undefined | ((event: never) => void);
export type Attributes = Record<string, Value>;

function dress<E extends Element>(node: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value as EventListener);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return node;
}

/** An HTML element; a function among the attributes listens to the event of its name. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return dress(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** The element of the page with this id. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no part "${id}"`);
  return found;
}

let labels = 0;

/** A control with its label above it. */
export function labelled(words: string, control: HTMLElement, hint?: HTMLElement): HTMLElement {
  control.id ||= `control-${++labels}`;
  return html("div", { class: "field" }, html("label", { for: control.id }, words), control, hint ?? null);
}

/** A menu; `choose` hears the new value. */
export function menu(
  choices: { value: string; words: string }[],
  value: string,
  choose: (value: string) => void,
): HTMLSelectElement {
  const options = choices.map((choice) => html("option", { value: choice.value }, choice.words));
  const made = html("select", { change: () => choose(made.value) }, ...options);
  made.value = value;
  return made;
}

/** A field for a number; `choose` hears those that the field accepts. */
export function numberField(value: number, attributes: Attributes, choose: (value: number) => void): HTMLInputElement {
  const made = html("input", {
    type: "number",
    step: "any",
    inputmode: "decimal",
    ...attributes,
    change: () => {
      if (made.value !== "" && made.validity.valid) choose(made.valueAsNumber);
      else made.value = String(value);
    },
  });
  made.value = String(value);
  return made;
}

/** Offers bytes or text as a file to keep. */
export function keep(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  html("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** A frame that scrolls what is too large for it; where it does, the keyboard can scroll it, too. */
export function scrolling(name: string, ...children: HTMLElement[]): HTMLElement {
  const frame = html("div", { class: "scroll", role: "group", "aria-label": name }, ...children);
  new ResizeObserver(() => {
    const scrolls = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    if (scrolls) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }).observe(frame);
  return frame;
}

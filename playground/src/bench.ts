// The page's one state: the training in the worker, what was last seen of it, and who wants to hear of changes.
import { ask } from "./engine";
import { USUAL, type Place } from "./address";
import type { Card, Check, Entry, Epoch, Look, ModelFile, OwnTable, Settings, Walk } from "./types";

/** What has changed: the training itself, what it has come to, the equation in view, or whether it plays. */
export type Change = "session" | "look" | "walk" | "play" | "problem" | "neuron";

/** The worker trains so long between two pictures; a picture is due every 16 ms. */
const BETWEEN_PICTURES = 10;
/** An address may ask for so many steps. */
const MOST_STEPS = 200_000;

/** When the browser is about to draw. */
const nextFrame = (): Promise<number> => new Promise(requestAnimationFrame);

export class Bench {
  settings: Settings = USUAL;
  own: OwnTable | null = null;
  /** A model file that waits for a table with its columns. */
  waiting: ModelFile | null = null;
  card!: Card;
  look!: Look;
  epochs: Epoch[] = [];
  playing = false;
  /** Whether it plays as fast as it can, or a step at a time. */
  fast = true;
  walk: Walk | null = null;
  /** The equation in view. */
  at = 0;
  /** The neuron whose weights are shown. */
  neuron: { layer: number; neuron: number } | null = null;
  /** Why something asked for did not happen. */
  problem = "";
  /** Whether the weights are no longer what the seed and the steps made of them. */
  edited = false;
  lesson = "";

  private listeners: [Change, () => void][] = [];
  private queue: Promise<void> = Promise.resolve();

  on(changes: Change[], listener: () => void): void {
    for (const change of changes) this.listeners.push([change, listener]);
  }

  private tell(...changes: Change[]): void {
    const called = new Set<() => void>();
    for (const [change, listener] of this.listeners) {
      if (changes.includes(change) && !called.has(listener)) {
        called.add(listener);
        listener();
      }
    }
  }

  /** Runs one thing after the other; a refusal becomes the page's problem. */
  private then(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(async () => {
      try {
        await work();
      } catch (error) {
        this.say(error instanceof Error ? error.message : String(error));
      }
    });
    this.queue = done;
    return done;
  }

  say(problem: string): void {
    this.pause();
    this.problem = problem;
    this.tell("problem");
  }

  // The training

  /** Begins anew with these settings. What the core refuses leaves the training as it was. */
  start(settings: Settings): Promise<void> {
    this.pause();
    return this.then(() => this.begin(settings));
  }

  private async begin(settings: Settings): Promise<void> {
    if (settings.data === "own" && !this.own) {
      throw new Error("This address is of a table that is not on this page: drop its file, or choose other data.");
    }
    const card: Card = JSON.parse(await ask("create", settings, this.own));
    await this.take(card);
  }

  private async take(card: Card): Promise<void> {
    // Both at once: whoever draws meanwhile finds what belongs together.
    const look = await ask("look", 0);
    this.card = card;
    this.settings = card.settings;
    this.epochs = [];
    this.edited = false;
    this.walk = null;
    this.neuron = null;
    this.problem = "";
    this.accept(look);
    this.tell("session", "look", "walk", "problem", "neuron");
  }

  /** Goes where an address leads. */
  go(place: Place): Promise<void> {
    this.pause();
    this.lesson = place.lesson;
    return this.then(async () => {
      await this.begin(place.settings);
      if (place.weights) {
        await ask("setParameters", place.weights);
        this.edited = true;
        this.accept(await ask("look", 0));
      } else if (place.steps > 0) {
        this.accept(await ask("train", Math.min(place.steps, MOST_STEPS), 0));
      }
      this.tell("look");
    });
  }

  /** What the page's address should say. */
  place(): Place {
    const weights = this.edited && !this.card.is_opened
      ? Float32Array.from(this.look.state.layers.flatMap((layer) => [...layer.w, ...layer.b]))
      : null;
    // A link does not carry a model that was trained on another table: its inputs would be other numbers.
    const steps = this.card.is_opened ? 0 : this.look.state.step;
    return { settings: this.settings, steps, weights, lesson: this.lesson };
  }

  /** Other settings: the learning rate and the penalty in the middle of the training, all others from its start. */
  change(part: Partial<Settings>): Promise<void> {
    const gentle = Object.keys(part).every((key) => key === "learning_rate" || key === "penalty");
    if (!gentle) return this.start({ ...this.settings, ...part });
    return this.then(async () => {
      const next = { ...this.settings, ...part };
      await ask("retune", next.learning_rate, next.penalty);
      this.edited ||= this.look.state.step > 0;
      this.card = JSON.parse(await ask("describe"));
      this.settings = this.card.settings;
      this.problem = "";
      await this.lookAgain();
    });
  }

  private accept(look: Look): void {
    this.look = look;
    this.epochs.push(...look.epochs);
    if (look.problem) {
      this.playing = false;
      this.problem = look.problem;
      this.tell("play", "problem");
    }
  }

  private async lookAgain(): Promise<void> {
    this.walk = null;
    this.accept(await ask("look", this.epochs.length));
    this.tell("look", "walk", "problem");
  }

  play(): void {
    if (this.playing) return;
    this.playing = true;
    this.walk = null;
    this.problem = "";
    this.tell("play", "walk", "problem");
    const picture = (): void => {
      if (!this.playing) return;
      void this.then(async () => {
        if (!this.playing) return;
        const from = this.epochs.length;
        // The worker trains while the last picture is drawn.
        const trained = this.fast ? ask("trainFor", BETWEEN_PICTURES, from) : ask("train", 1, from);
        const [look] = await Promise.all([trained, nextFrame()]);
        this.accept(look);
        this.tell("look");
      }).then(picture);
    };
    picture();
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    this.tell("play");
  }

  /** One batch. */
  step(): Promise<void> {
    return this.once(() => ask("train", 1, this.epochs.length));
  }

  epoch(): Promise<void> {
    return this.once(() => ask("trainEpoch", this.epochs.length));
  }

  private once(train: () => Promise<Look>): Promise<void> {
    this.pause();
    return this.then(async () => {
      this.walk = null;
      this.problem = "";
      this.accept(await train());
      this.tell("look", "walk", "problem");
    });
  }

  rewind(): Promise<void> {
    this.pause();
    return this.then(async () => {
      await ask("rewind");
      this.epochs = [];
      this.edited = false;
      this.problem = "";
      await this.lookAgain();
    });
  }

  edit(index: number, value: number): Promise<void> {
    this.pause();
    return this.then(async () => {
      await ask("setParameter", index, value);
      this.edited = true;
      this.problem = "";
      await this.lookAgain();
    });
  }

  choose(neuron: { layer: number; neuron: number } | null): void {
    this.neuron = neuron;
    this.tell("neuron");
  }

  // One equation at a time

  /** The next equation; behind the last one the step is made, and the next one begins. */
  next(): Promise<void> {
    this.pause();
    return this.then(async () => {
      if (this.walk && this.at + 1 < this.walk.steps.length) {
        this.at += 1;
      } else {
        if (this.walk) this.accept(await ask("train", 1, this.epochs.length));
        this.walk = await ask("walk");
        this.at = 0;
      }
      this.problem = "";
      this.tell("walk", "look", "problem");
    });
  }

  /** Another equation of the same step. */
  turn(to: number): void {
    if (!this.walk || to < 0 || to >= this.walk.steps.length) return;
    this.at = to;
    this.tell("walk");
  }

  entry(row: number, column: number): Promise<Entry> {
    return ask("entry", this.at, row, column);
  }

  walkCsv(): Promise<string> {
    return ask("walkCsv");
  }

  check(mistake: string | null): Promise<Check> {
    this.pause();
    return this.queue.then(() => ask("check", mistake));
  }

  // Files

  modelFile(): Promise<Uint8Array> {
    return this.queue.then(() => ask("modelFile"));
  }

  /** Opens a model on the table of the page. If that does not have its columns, the model waits for one that does. */
  open(file: ModelFile): Promise<void> {
    this.pause();
    return this.then(async () => {
      await ask("model", file);
      this.waiting = file;
      await this.openOn(this.settings, this.own, file);
    });
  }

  /** Opens the model that waits on a table of one's own. */
  openWaiting(own: OwnTable): Promise<void> {
    this.pause();
    return this.then(async () => {
      if (this.waiting) await this.openOn({ ...this.settings, data: "own" }, own, this.waiting);
    });
  }

  private async openOn(settings: Settings, own: OwnTable | null, file: ModelFile): Promise<void> {
    const card: Card = JSON.parse(await ask("open", settings, own, file));
    this.own = own;
    this.waiting = null;
    await this.take(card);
    this.edited = true;
  }
}

// The page's address: what differs from the usual settings, readable and short, and how far the training has come.
import type { Settings } from "./types";

export const USUAL: Settings = {
  data: "wave",
  target: "",
  noise: 0.1,
  held_out: 0.2,
  hidden: [4, 4],
  activation: "tanh",
  loss: "mean_square_error",
  optimizer: "adam",
  learning_rate: 0.01,
  batch_size: 16,
  penalty: 0,
  seed: 1,
};

/** What an address holds. */
export interface Place {
  settings: Settings;
  /** How many steps were made from the first weights. */
  steps: number;
  /** Weights that were edited, which no number of steps leads to. */
  weights: Float32Array<ArrayBuffer> | null;
  lesson: string;
}

/** Weights of larger networks would make an address too long to send. */
const MOST_WEIGHTS = 256;

/** The settings of a text like `data=ring&hidden=8,8`, on top of others. */
export function read(text: string, under: Settings = USUAL): Place {
  const said = new URLSearchParams(text);
  const settings: Record<string, unknown> = { ...under };
  for (const [key, usual] of Object.entries(USUAL)) {
    const value = said.get(key);
    if (value === null) continue;
    if (Array.isArray(usual)) settings[key] = value.split(",").filter(Boolean).map(Number);
    else if (typeof usual === "number") settings[key] = Number(value);
    else settings[key] = value;
  }
  const steps = Number(said.get("steps") ?? 0);
  return {
    settings: settings as unknown as Settings,
    steps: Number.isSafeInteger(steps) && steps > 0 ? steps : 0,
    weights: unpack(said.get("weights")),
    lesson: said.get("lesson") ?? "",
  };
}

/** The text that reads as this place. */
export function write(place: Place): string {
  const said = new URLSearchParams();
  if (place.lesson) said.set("lesson", place.lesson);
  for (const [key, usual] of Object.entries(USUAL)) {
    const value = String(place.settings[key as keyof Settings]);
    // The data are always said, so that no address is one of a lesson alone.
    if (key === "data" || value !== String(usual)) said.set(key, value);
  }
  if (place.weights && place.weights.length <= MOST_WEIGHTS) said.set("weights", pack(place.weights));
  else if (place.steps > 0) said.set("steps", String(place.steps));
  return said.toString().replaceAll("%2C", ",");
}

function pack(weights: Float32Array<ArrayBuffer>): string {
  const bytes = String.fromCharCode(...new Uint8Array(weights.buffer));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpack(text: string | null): Float32Array<ArrayBuffer> | null {
  if (!text) return null;
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new Float32Array(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)).buffer);
  } catch {
    return null;
  }
}

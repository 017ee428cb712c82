// The page's colours where a picture needs them as numbers: blue above zero, orange below, the ground at zero.

type Colour = [number, number, number];

let ramp: { low: Colour; middle: Colour; high: Colour } | null = null;

function variable(name: string): Colour {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (!digits) throw new Error(`${name} is no colour: ${text}`);
  return [1, 2, 3].map((k) => parseInt(digits[k]!, 16)) as Colour;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (ramp = null));

/** The colour of a value between −1 and 1. */
export function colour(value: number): Colour {
  ramp ??= { low: variable("--second"), middle: variable("--ground"), high: variable("--data") };
  const end = value < 0 ? ramp.low : ramp.high;
  const share = Math.min(1, Math.abs(value));
  return ramp.middle.map((m, k) => Math.round(m + (end[k]! - m) * share)) as Colour;
}

const canvas = document.createElement("canvas");

/** A square picture of values, row by row, as an address; `size` is the value that gets the full colour. */
export function heatMap(values: ArrayLike<number>, size: number): string {
  const side = Math.round(Math.sqrt(values.length));
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const image = context.createImageData(side, side);
  for (let k = 0; k < values.length; k++) {
    const [red, green, blue] = colour(values[k]! / size);
    image.data.set([red, green, blue, 255], 4 * k);
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

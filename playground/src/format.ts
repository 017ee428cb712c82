// Numbers as people read them: few digits, a true minus sign.

/** A number to so many significant digits. */
export function short(value: number | null, digits = 4): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-4 || size >= 1e7)
      ? value.toExponential(2)
      : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/** A share in words: 0.2 is "20 %". */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** The name of a layer: hidden ones by number, the last as what it is. */
export function layerName(layer: number, layers: number): string {
  return layer === layers - 1 ? "out layer" : `layer ${layer + 1}`;
}

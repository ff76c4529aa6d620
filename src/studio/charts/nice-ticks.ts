/** Round numbers (1, 2 or 5 · 10ⁿ apart) from below the least to above the largest value. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low > 0 ? high - low : Math.abs(high) || 1;
  const raw = span / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * magnitude >= raw) ?? 10) * magnitude;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, at) => roundTo((first + at) * step, step));
}

/** Removes the 0.30000000000000004 of adding steps. */
function roundTo(value: number, step: number): number {
  return Number(value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(step)))));
}

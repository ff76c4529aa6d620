/**
 * For each index of an axis the member of its group that it belongs to (a neuron, a head); −1 belongs to none and
 * always stays. An axis longer than its labels repeats them.
 */
export type Labels = Int32Array;

/** Stays whatever goes. */
export const FIXED = -1;

/** Each of `members` members once, in order. */
export function eachOnce(members: number): Labels {
  return Int32Array.from({ length: members }, (_, i) => i);
}

export function sameLabels(a: Labels, b: Labels): boolean {
  return a.length === b.length && a.every((label, i) => label === b[i]);
}

/** The same labels over any length: one may be a period of the other. */
export function alike(a: Labels, b: Labels): boolean {
  const length = Math.max(a.length, b.length);
  if (length % a.length !== 0 || length % b.length !== 0) return false;
  return sameLabels(repeated(a, length), repeated(b, length));
}

/** Each label `times` times in a row: heads become the columns of heads. */
export function stretched(labels: Labels, times: number): Labels {
  return Int32Array.from(
    { length: labels.length * times },
    (_, i) => labels[Math.floor(i / times)],
  );
}

/** The labels of runs of `size` equal ones; undefined where some run is mixed. */
export function compressed(labels: Labels, size: number): Labels | undefined {
  if (!Number.isInteger(labels.length / size)) return undefined;
  const coarse = Int32Array.from({ length: labels.length / size }, (_, i) => labels[i * size]);
  return sameLabels(stretched(coarse, size), labels) ? coarse : undefined;
}

/** `labels` over and over, until there are `length`. */
export function repeated(labels: Labels, length: number): Labels {
  return Int32Array.from({ length }, (_, i) => labels[i % labels.length]);
}

/** The shortest beginning that the labels repeat, of those as long as `length`; undefined when they do not. */
export function period(labels: Labels, length: number): Labels | undefined {
  if (labels.length <= length) return length % labels.length === 0 ? labels : undefined;
  const first = labels.subarray(0, length);
  return sameLabels(repeated(first, labels.length), labels) ? first : undefined;
}

export function joined(parts: readonly Labels[]): Labels {
  return Int32Array.from(parts.flatMap((part) => [...part]));
}

export function allFixed(labels: Labels): boolean {
  return labels.every((label) => label === FIXED);
}

/**
 * How many indices stay when `kept` of `members` members do. Undefined where members have unequally many, because
 * the number then depends on which ones go.
 */
export function keptCount(labels: Labels, members: number, kept: number): number | undefined {
  const counts = new Int32Array(members);
  let fixed = 0;
  for (const label of labels) {
    if (label === FIXED) fixed++;
    else counts[label]++;
  }
  const each = counts[0] ?? 0;
  return counts.every((count) => count === each) ? fixed + each * kept : undefined;
}

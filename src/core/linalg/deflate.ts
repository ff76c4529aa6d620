import type { RankOne } from './secular.ts';

/** A joined pair of halves: vectors are rows `z` + i·n, the first half's fill columns low…middle, the second's middle…high. */
interface Joined {
  readonly n: number;
  readonly z: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Which vectors take part in the rank-one problem. */
export interface Columns {
  readonly problem: RankOne;
  /** Rows of Z: those of the first half alone, those of both, those of the second half alone. */
  readonly kept: readonly number[];
  readonly tops: number;
  readonly both: number;
  /** Index into `kept` of each entry of the problem. */
  readonly position: readonly number[];
  /** Rows of Z that are vectors already, with the values that stand there. */
  readonly deflated: readonly number[];
}

const KIND = { top: 0, both: 1, bottom: 2 } as const;

/**
 * Takes out of D + ρ·w·wᵀ what is an eigenvector already: entries with next to no weight, and one of each two that are next to
 * equal, after a rotation of the two (Dongarra & Sorensen 1987 §4; LAPACK's dlaed2). `values` and rows of Z are changed.
 */
export function deflate(
  heap: Float64Array,
  joined: Joined,
  values: Float64Array,
  weights: Float64Array,
  rho: number,
): Columns {
  const { low, middle, high } = joined;
  const rows = Array.from({ length: high - low }, (_, i) => low + i);
  rows.sort((i, j) => values[i] - values[j] || i - j);
  const largest = rows.reduce(
    (most, i) => Math.max(most, Math.abs(values[i]), Math.abs(weights[i - low])),
    0,
  );
  const tolerance = 8 * 2 ** -53 * largest;
  const kinds = new Map(rows.map((i) => [i, i < middle ? KIND.top : KIND.bottom] as const));
  const kindOf = new Map<number, number>(kinds);
  const kept: number[] = [];
  const deflated: number[] = [];
  let pending: number | undefined;
  for (const row of rows) {
    if (rho * Math.abs(weights[row - low]) <= tolerance) {
      deflated.push(row);
      continue;
    }
    if (pending !== undefined) {
      const pair = { low, first: pending, second: row };
      if (merges(values, weights, pair, tolerance)) {
        rotateRows(heap, joined, pair, turn(values, weights, pair));
        if (kindOf.get(pending) !== kindOf.get(row)) kindOf.set(row, KIND.both);
        deflated.push(pending);
      } else kept.push(pending);
    }
    pending = row;
  }
  if (pending !== undefined) kept.push(pending);
  return arranged(kept, deflated, kindOf, { values, weights, low, rho });
}

interface Pair {
  readonly low: number;
  readonly first: number;
  readonly second: number;
}

/** Whether the rotation that takes the first one's weight away leaves less than the tolerance between the two. */
function merges(
  values: Float64Array,
  weights: Float64Array,
  { low, first, second }: Pair,
  tolerance: number,
): boolean {
  const [s, c] = [weights[first - low], weights[second - low]];
  const square = s * s + c * c;
  return Math.abs(((values[second] - values[first]) * c * s) / square) <= tolerance;
}

function turn(
  values: Float64Array,
  weights: Float64Array,
  { low, first, second }: Pair,
): { readonly c: number; readonly s: number } {
  const norm = Math.hypot(weights[first - low], weights[second - low]);
  const [c, s] = [weights[second - low] / norm, -weights[first - low] / norm];
  const [a, b] = [values[first], values[second]];
  values[first] = a * c * c + b * s * s;
  values[second] = a * s * s + b * c * c;
  weights[first - low] = 0;
  weights[second - low] = norm;
  return { c, s };
}

function rotateRows(
  heap: Float64Array,
  { n, z, low, high }: Joined,
  { first, second }: Pair,
  { c, s }: { readonly c: number; readonly s: number },
): void {
  for (let j = low; j < high; j++) {
    const [x, y] = [heap[z + first * n + j], heap[z + second * n + j]];
    heap[z + first * n + j] = c * x + s * y;
    heap[z + second * n + j] = c * y - s * x;
  }
}

function arranged(
  rows: readonly number[],
  deflated: readonly number[],
  kinds: ReadonlyMap<number, number>,
  given: Readonly<Record<'values' | 'weights', Float64Array>> & { low: number; rho: number },
): Columns {
  const { values, weights, low, rho } = given;
  const kindAt = (i: number): number => kinds.get(rows[i]) ?? KIND.both;
  const order = rows.map((_, i) => i).sort((i, j) => kindAt(i) - kindAt(j) || i - j);
  const position = new Array<number>(rows.length);
  order.forEach((i, at) => (position[i] = at));
  return {
    problem: {
      d: Float64Array.from(rows, (row) => values[row]),
      z: Float64Array.from(rows, (row) => weights[row - low]),
      rho,
    },
    kept: order.map((i) => rows[i]),
    tops: order.filter((i) => kindAt(i) === KIND.top).length,
    both: order.filter((i) => kindAt(i) === KIND.both).length,
    position,
    deflated,
  };
}

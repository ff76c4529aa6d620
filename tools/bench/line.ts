/** One measured goal. */
export interface Measured {
  readonly what: string;
  readonly value: number;
  readonly goal?: { readonly relation: '≤' | '≥'; readonly limit: number };
  /** How it was measured: the two times behind a ratio, n, what else was seen. */
  readonly note?: string;
}

export function holds({ value, goal }: Measured): boolean | undefined {
  if (goal === undefined) return undefined;
  return goal.relation === '≤' ? value <= goal.limit : value >= goal.limit;
}

/** Prints a result the way `tools/bench.ts` reads it back: columns apart by two spaces or more. */
export function printMeasured(measured: Measured): void {
  const { what, value, goal, note = '' } = measured;
  const verdict = goal ? `goal ${goal.relation} ${goal.limit}` : '';
  console.log(
    `${what.padEnd(66)}  ${value.toFixed(3).padStart(9)}  ${verdict.padEnd(14)}  ${note}`,
  );
}

/** The value below which this share of the values lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

import type { LayerWeight } from '../../contract.ts';

/**
 * Columns of a projection W [out, in] that go or stay together: unit u is the columns [u·size, (u + 1)·size).
 * A neuron is one column, a head is as many as its size.
 */
export interface Units {
  readonly count: number;
  readonly size: number;
  /** Units in so many equal runs, each of which loses equally many: query heads that share keys. Default 1. */
  readonly strata?: number;
}

/** Rows (or columns) of another weight that go with the units: what makes a neuron's input. */
export interface Coupled {
  readonly weight: LayerWeight;
  /** Unit u is these rows [u·size, (u + 1)·size) of the weight, counted from `offset`. */
  readonly offset: number;
  readonly size: number;
}

/** Indices of the `keep` units of highest score, ascending; of equal ones the first. As many of each stratum. */
export function highest(scores: ArrayLike<number>, keep: number, strata = 1): number[] {
  const run = scores.length / strata;
  const kept: number[] = [];
  for (let first = 0; first < scores.length; first += run) {
    const units = Array.from({ length: run }, (_, i) => first + i);
    units.sort((a, b) => scores[b] - scores[a] || a - b);
    kept.push(...units.slice(0, keep / strata).sort((a, b) => a - b));
  }
  return kept;
}

/** The columns of the given units, in their order. */
export function columnsOf(units: readonly number[], { size }: Units): Int32Array {
  const columns = new Int32Array(units.length * size);
  units.forEach((unit, i) => {
    for (let c = 0; c < size; c++) columns[i * size + c] = unit * size + c;
  });
  return columns;
}

/** The units that are not among `kept`, ascending. */
export function without(kept: readonly number[], { count }: Units): number[] {
  const stays = new Set(kept);
  return Array.from({ length: count }, (_, u) => u).filter((u) => !stays.has(u));
}

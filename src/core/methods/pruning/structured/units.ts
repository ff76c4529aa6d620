import type { CutGroup } from '../../../cuts/group.ts';
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

/** Another weight that loses rows with the units: what makes the values that the projection multiplies. */
export interface Coupled {
  readonly weight: LayerWeight;
  /** The unit of each row; −1: it belongs to none. */
  readonly unitOf: Int32Array;
}

/** The columns of a group's members, which lie one after the other, run after run. */
export function unitsOf({ members, columns, strata = 1 }: CutGroup): Units {
  const count = members * strata;
  const size = columns.length / count;
  if (columns.some((member, j) => member !== Math.floor(j / size) % members))
    throw new Error('The columns of a group lie in another order than its members.');
  return { count, size, strata };
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

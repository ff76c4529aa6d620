import type { Crop, Preview } from '../../../../../workers/protocol.ts';

/** What is zero in the part of a weight that is shown. */
export interface SparsityPattern {
  readonly zeros: number;
  readonly of: number;
  /** As many of so many neighbours in a row stay, everywhere: an N:M pattern. */
  readonly group?: { readonly stay: number; readonly of: number };
}

/** Below this share zeros are no pattern … */
const SOME = 0.05;
/** … and on a grid, where zero is one of its values, many are no news. */
const MANY = 0.3;

/** The pattern of zeros of a weight in which some were set to zero; undefined where that is not what happened. */
export function sparsityOf({ after, block, crop }: Preview): SparsityPattern | undefined {
  if (after === undefined) return undefined;
  const values = after.crop;
  const zeros = values.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0);
  const least = block.grid === undefined ? SOME : MANY;
  if (zeros < least * values.length || zeros === values.length) return undefined;
  const group = groupOf(values, crop);
  return { zeros, of: values.length, ...(group && { group }) };
}

/** Sizes that patterns have; the smallest that fits is it. */
const SIZES = [2, 4, 8, 16] as const;
/** So many equal groups are no chance. */
const ENOUGH = 24;

/** The pattern that all groups along the rows have in common, counted from the row's beginning. */
export function groupOf(values: Float32Array, crop: Crop): SparsityPattern['group'] {
  for (const of of SIZES) {
    const counts = keptOfGroups(values, crop, of);
    const [stay] = counts;
    if (counts.length < ENOUGH || stay === 0 || stay === of) continue;
    if (counts.every((count) => count === stay)) return { stay, of };
  }
  return undefined;
}

/** How many are not zero in each group that lies in the crop as a whole. */
function keptOfGroups(values: Float32Array, { rows, columns }: Crop, size: number): number[] {
  const width = columns.end - columns.from;
  const first = (size - (columns.from % size)) % size;
  const counts: number[] = [];
  for (let row = 0; row < rows.end - rows.from; row += 1) {
    for (let column = first; column + size <= width; column += size) {
      const at = row * width + column;
      counts.push(values.subarray(at, at + size).filter((value) => value !== 0).length);
    }
  }
  return counts;
}

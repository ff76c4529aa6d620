import type { Coded } from '../../encodings/index.ts';
import type { Layer } from '../../anatomy/types.ts';
import { LatheError } from '../../errors/lathe-error.ts';

/** How a matrix is cut into what shares a scale; the last block of a row may be shorter. */
export interface Blocks {
  readonly columns: number;
  readonly groupSize: number;
}

/** The blocks of a planned weight; all of it as one row where it has one scale. */
export function blocksIn(
  { granularity, groupSize }: Pick<Coded, 'granularity' | 'groupSize'>,
  { outFeatures, inFeatures }: Layer,
): Blocks {
  const all = outFeatures * inFeatures;
  if (granularity === 'tensor') return { columns: all, groupSize: all };
  return { columns: inFeatures, groupSize };
}

/** Calls back with the places [from, end) of every block, row by row. */
export function eachBlock(
  length: number,
  { columns, groupSize }: Blocks,
  visit: (from: number, end: number, block: number) => void,
): void {
  let block = 0;
  for (let row = 0; row < length; row += columns)
    for (let at = row; at < row + columns; at += groupSize)
      visit(at, Math.min(at + groupSize, row + columns), block++);
}

/** How many blocks there are. */
export function blockCount(length: number, { columns, groupSize }: Blocks): number {
  return (length / columns) * Math.ceil(columns / groupSize);
}

/** max |w| of every block. Throws `weight-not-finite`. */
export function largestMagnitudes(values: Float32Array, blocks: Blocks): Float32Array {
  const largest = new Float32Array(blockCount(values.length, blocks));
  eachBlock(values.length, blocks, (from, end, block) => {
    let most = 0;
    for (let i = from; i < end; i++) {
      const size = Math.abs(values[i]);
      // WHY negated: NaN is not below Infinity either.
      if (!(size < Infinity)) throw notFinite(block);
      if (size > most) most = size;
    }
    largest[block] = most;
  });
  return largest;
}

function notFinite(block: number): LatheError {
  return new LatheError(
    'weight-not-finite',
    `Block ${block} of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.`,
    { block },
  );
}

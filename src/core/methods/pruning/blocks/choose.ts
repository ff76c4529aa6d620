import type { Anatomy } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { stackOf, type Candidate } from './candidates.ts';
import type { BlocksOptions } from './meta.ts';

/** What dropping some blocks together is estimated to cost: 0 is nothing. */
export interface Score {
  readonly blocks: readonly number[];
  readonly cost: number;
}

/**
 * How many blocks lose the part: n = count, or max(1, round(ratio · blocks)). Throws `blocks-too-many` where fewer can, and
 * where whole blocks go, `blocks-all` where none would be left.
 */
export function wantedCount(
  anatomy: Anatomy,
  able: readonly Candidate[],
  options: BlocksOptions,
): number {
  const { length } = stackOf(anatomy, options);
  const count = options.count ?? Math.max(1, Math.round(options.ratio * length));
  if (options.part === 'block' && count >= length) throw nothingLeft(length);
  if (count > able.length) throw tooMany(count, able.length, length, options.part);
  return count;
}

/** The cheapest: single blocks until there are enough, later ones first where costs are equal; of runs of blocks the first. */
export function chosenBlocks(scores: readonly Score[], count: number): number[] {
  const sorted = [...scores].sort((a, b) => a.cost - b.cost || b.blocks[0] - a.blocks[0]);
  const chosen = sorted.flatMap(({ blocks }) => blocks).slice(0, count);
  return chosen.sort((a, b) => a - b);
}

/** A list of blocks that fits the model, ascending. Throws `blocks-invalid`. */
export function requireBlocks({ blocks }: Anatomy, given: readonly number[]): number[] {
  const known = new Set(blocks.map(({ index }) => index));
  const distinct = new Set(given);
  const fits = given.every((index) => known.has(index)) && distinct.size === given.length;
  if (fits && distinct.size < known.size) return [...given].sort((a, b) => a - b);
  throw new LatheError(
    'blocks-invalid',
    `The blocks [${given.join(', ')}] are not some of the model's ${known.size}, each once; write numbers from 0 to ${known.size - 1}, and leave at least one out.`,
    { depth: known.size },
  );
}

function nothingLeft(depth: number): LatheError {
  return new LatheError(
    'blocks-all',
    `The model has ${depth} ${depth === 1 ? 'block' : 'blocks'}, and at least one has to stay; drop fewer, or a part of them only.`,
    { depth },
  );
}

function tooMany(
  count: number,
  able: number,
  depth: number,
  part: BlocksOptions['part'],
): LatheError {
  const what = part === 'block' ? 'are to go' : `are to lose their ${part}`;
  return new LatheError(
    'blocks-too-many',
    `${count} of the model's ${depth} blocks ${what}, and ${able} can: the others are protected, not pointed at, or cannot be cut; lower the number, or protect fewer.`,
    { count, able, depth },
  );
}

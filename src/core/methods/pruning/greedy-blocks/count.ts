import { LatheError } from '../../../errors/lathe-error.ts';
import type { Part } from '../measured/parts.ts';
import type { GreedyBlocksOptions } from './meta.ts';

/**
 * How many of a stack of `depth` blocks, or of their `parts`, go: n = count, or max(1, round(ratio·parts)). Throws
 * `blocks-all` where no block would be left, `parts-too-many` where fewer can go.
 */
export function wantedCount(
  depth: number,
  able: readonly Part[],
  { part, ratio, count: given }: GreedyBlocksOptions,
): number {
  const parts = part === 'block' ? depth : 2 * depth;
  const count = given ?? Math.max(1, Math.round(ratio * parts));
  if (count >= parts) throw nothingLeft(depth, part, parts);
  if (count > able.length) throw tooMany(count, able.length, part);
  return count;
}

function nothingLeft(depth: number, part: GreedyBlocksOptions['part'], parts: number): LatheError {
  const one = part === 'block' ? 'block' : 'sub-layer';
  const blocks = `${depth} block${depth === 1 ? '' : 's'}`;
  const has = part === 'block' ? blocks : `${parts} sub-layers in ${blocks}`;
  return new LatheError(
    'blocks-all',
    `The model has ${has}, and at least one ${one} has to stay; drop fewer.`,
    { depth, parts },
  );
}

function tooMany(count: number, able: number, part: GreedyBlocksOptions['part']): LatheError {
  return new LatheError(
    'parts-too-many',
    `${count} ${part}s are to go, and ${able} can: the others are protected, not pointed at, or cannot be cut; lower the number, or protect fewer.`,
    { count, able },
  );
}

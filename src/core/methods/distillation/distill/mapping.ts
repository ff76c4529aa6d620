import { LatheError } from '../../../errors/lathe-error.ts';

export type MappingOptions = {
  /** A fresh student may have as many blocks as its teacher. */
  readonly student?: 'compressed' | 'shallow' | 'fresh';
  readonly keep: 'every' | 'first' | 'last' | 'custom';
  readonly ratio: number;
  /** "0, 2, 4" */
  readonly blocks: string;
};

/**
 * Which of `depth` blocks a shallow student keeps, or a fresh one's blocks stand for, ascending. Of k = max(1, round(ratio·depth)):
 * the first, the last, or every one at ⌊(i + 1)·depth/k⌋ − 1, i = 0 … k − 1, which always has the last.
 * Throws `blocks-invalid` for a list that names no block, a block twice or one there is not.
 * @see Sajjad et al. 2023, arXiv:2004.03844 (which blocks to keep); Sanh et al. 2019, arXiv:1910.01108
 */
export function keptBlocks(depth: number, options: MappingOptions): number[] {
  const { keep, ratio, blocks, student } = options;
  if (keep === 'custom') return listed(depth, blocks, student === 'fresh' ? depth : depth - 1);
  const count = Math.min(depth, Math.max(1, Math.round(ratio * depth)));
  const numbers = Array.from({ length: count }, (_, i) => i);
  if (keep === 'first') return numbers;
  if (keep === 'last') return numbers.map((i) => depth - count + i);
  return spread(depth, count);
}

/** `count` of `depth` blocks at even distances: ⌊(i + 1)·depth/count⌋ − 1, the last always among them. */
export function spread(depth: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * depth) / count) - 1);
}

function listed(depth: number, text: string, most: number): number[] {
  const numbers = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const distinct = new Set(numbers);
  const fit = numbers.every((number) => number < depth);
  if (numbers.length > 0 && fit && distinct.size === numbers.length && numbers.length <= most) {
    return numbers.sort((a, b) => a - b);
  }
  throw new LatheError(
    'blocks-invalid',
    `The list of blocks "${text}" does not name some of the model's ${depth} blocks, each once; write numbers from 0 to ${depth - 1}, such as "0, ${depth - 1}".`,
    { depth },
  );
}

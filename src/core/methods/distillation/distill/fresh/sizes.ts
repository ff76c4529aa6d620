import type { Anatomy } from '../../../../anatomy/types.ts';
import { LatheError } from '../../../../errors/lathe-error.ts';

/** The sizes of a fresh student. */
export interface FreshSizes {
  readonly blocks: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly feedForwardWidth: number;
}

/**
 * Sizes of a student of `blocks` blocks and about `width` times its teacher's width. Width goes in whole
 * heads, so that the head size, and with it rotary angles and scales, stays: heads = max(1, round(width·heads)),
 * key/value heads the largest divisor of that up to max(1, round(width·key/value heads)), and the stream
 * and the feed-forward part by heads/(the teacher's heads). Throws `fresh-sizes`.
 */
export function freshSizes(anatomy: Anatomy, blocks: number, width: number): FreshSizes {
  const teacher = teacherSizes(anatomy);
  const heads = Math.max(1, Math.round(width * teacher.heads));
  const share = heads / teacher.heads;
  const wanted = Math.min(heads, Math.max(1, Math.round(width * teacher.keyValueHeads)));
  return {
    blocks,
    heads,
    keyValueHeads: largestDivisor(heads, wanted),
    headSize: teacher.headSize,
    hiddenSize: Math.round(teacher.hiddenSize * share),
    feedForwardWidth: Math.max(1, Math.round(teacher.feedForwardWidth * share)),
  };
}

function largestDivisor(of: number, atMost: number): number {
  for (let divisor = atMost; divisor > 1; divisor--) if (of % divisor === 0) return divisor;
  return 1;
}

/** The first block's sizes: all are alike unless something was pruned. */
function teacherSizes({ blocks, hiddenSize }: Anatomy): Omit<FreshSizes, 'blocks'> {
  const { heads, headSize, feedForwardWidth, keyValueHeads = heads } = blocks[0];
  const known = { heads, headSize, feedForwardWidth, hiddenSize, keyValueHeads };
  const missing = Object.entries(known).find(([, value]) => value === undefined);
  if (missing === undefined) return known as Omit<FreshSizes, 'blocks'>;
  throw new LatheError(
    'fresh-sizes',
    `A fresh student needs to know the sizes of its teacher, and "${missing[0]}" could not be found in this model; use a shallow student.`,
    { missing: missing[0] },
  );
}

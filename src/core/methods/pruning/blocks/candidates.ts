import type { Anatomy, Block, Layer } from '../../../anatomy/types.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { encodedLength } from '../../../onnx/write.ts';
import type { Ground, Skipped } from '../../contract.ts';
import { cutOf } from './cut-of.ts';
import type { BlocksOptions } from './meta.ts';

/** A block that can lose the part. */
export interface Candidate {
  readonly index: number;
  /** Bytes that the file loses when it alone goes. */
  readonly saved: number;
}

export interface Candidates {
  readonly able: readonly Candidate[];
  readonly skipped: readonly Skipped[];
}

/**
 * The blocks that may lose the part, in their order: those of the stack that a target points at, without the protected ones,
 * and without those that cannot, each with its reason. Throws `no-blocks`.
 */
export function candidatesOf(
  { model, anatomy }: Ground,
  targets: readonly Layer[],
  options: BlocksOptions,
): Candidates {
  const stack = stackOf(anatomy, options);
  const pointedAt = new Set(targets.map(({ block }) => block));
  const end = stack.length - options.protectLast;
  const open = stack.slice(options.protectFirst, Math.max(options.protectFirst, end));
  const whole = encodedLength(model);
  const able: Candidate[] = [];
  const skipped: Skipped[] = [];
  for (const { index } of open.filter((block) => pointedAt.has(block.index))) {
    try {
      const slim = cutDepth(model, anatomy, cutOf(options.part, [index]));
      able.push({ index, saved: whole - encodedLength(slim) });
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      skipped.push({ name: `block ${index}`, reason: error.message });
    }
  }
  return { able, skipped };
}

/** The blocks of the stack that the options mean; of a model with one stack all. Throws `no-blocks`. */
export function stackOf({ blocks }: Anatomy, { stack }: BlocksOptions): readonly Block[] {
  const own = blocks.filter((block) => block.stack === stack);
  const found = own.length > 0 ? own : blocks;
  if (found.length > 0) return found;
  throw new LatheError(
    'no-blocks',
    'No transformer blocks were recognised in this model, so there are none to drop; prune its layers one by one instead.',
  );
}

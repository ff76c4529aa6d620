import type { Anatomy, Block } from '../../../anatomy/types.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { hasBranches } from '../../../onnx/branches/take-branch.ts';
import type { Model } from '../../../onnx/types.ts';

/**
 * The model without the blocks that are not in `kept` ({@link cutDepth}).
 * Throws `no-blocks` when the model has no blocks in one stack, or their ends were not recognised, and
 * `merged-blocks` for a merged decoder.
 */
export function withoutBlocks(model: Model, anatomy: Anatomy, kept: readonly number[]): Model {
  if (hasBranches(model)) throw merged();
  const stays = new Set(kept);
  const blocks = oneStack(anatomy).flatMap(({ index }) => (stays.has(index) ? [] : [index]));
  return cutDepth(model, anatomy, { blocks });
}

/** The blocks of a model with one stack. Throws `no-blocks`. */
export function oneStack({ blocks }: Anatomy): readonly Block[] {
  const stacks = new Set(blocks.map(({ stack }) => stack));
  const known = blocks.every(({ input, output }) => input !== '' && output !== '');
  if (blocks.length > 0 && stacks.size === 1 && known) return blocks;
  throw new LatheError(
    'no-blocks',
    blocks.length === 0
      ? 'No transformer blocks were recognised in this model, so there are none to leave out; distill into the compressed model instead.'
      : 'This model has an encoder and a decoder, and leaving out blocks works on models with one stack; distill into the compressed model instead.',
  );
}

function merged(): LatheError {
  return new LatheError(
    'merged-blocks',
    'Blocks cannot be left out of a merged decoder, because its branch with a cache hands on keys and values of every block; distill into the compressed model, or open the decoder without a cache (decoder_model.onnx).',
  );
}

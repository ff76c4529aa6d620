import type { Anatomy, Block } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import { hasBranches } from '../../../onnx/branches/take-branch.ts';
import type { Model } from '../../../onnx/types.ts';

/**
 * The model without the blocks that are not in `kept`: what read a removed block's output reads its
 * input, the residual stream, instead. Weights nobody reads any more are gone from the file.
 * Throws `no-blocks` when the model has no blocks in one stack, or their ends were not recognised, and
 * `merged-blocks` for a merged decoder.
 */
export function withoutBlocks(model: Model, anatomy: Anatomy, kept: readonly number[]): Model {
  if (hasBranches(model)) throw merged();
  const stays = new Set(kept);
  const removed = oneStack(anatomy).filter(({ index }) => !stays.has(index));
  if (removed.length === 0) return model;
  const edit = editGraph(model.graph);
  // From the last to the first: a removed block's input may be the output of another removed one.
  for (const { input, output } of [...removed].reverse()) edit.replaceUses(output, input);
  edit.removeUnused();
  return { ...model, graph: edit.finish() };
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

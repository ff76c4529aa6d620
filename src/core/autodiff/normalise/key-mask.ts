import { floatAttribute } from '../../onnx/graph/attributes.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import { positionsUpTo } from './rewrites/embedding.ts';
import type { RewriteContext } from './types.ts';

/**
 * What onnxruntime's attention adds to the scores for its mask input: 0 for a key that counts,
 * `mask_filter_value` (−10000) for one that does not, in a size that broadcasts to [B, N, S, T].
 * The mask is [B, T], [B, S, T] or [B, 1, S, T] of 0 and 1, or [B] lengths, or [2B] ends and starts.
 */
export function keyMask(context: RewriteContext, index: number, q: string, keys: number): string {
  const { node, emit } = context;
  const filter = floatAttribute(node, 'mask_filter_value', -10000);
  const dataType = emit.dataType(q);
  const zero = emit.scalar(0, dataType);
  return context.once(`mask ${filter} ${keys} ${dataType} ${context.input(index)}`, () =>
    emit.where(kept(context, index, emit.dims(q), keys), zero, emit.scalar(filter, dataType)),
  );
}

/** Which keys count, bool. */
function kept(
  context: RewriteContext,
  index: number,
  [batch, , queries]: readonly number[],
  keys: number,
): string {
  const { emit, input, dims, refuse } = context;
  const [mask, size] = [input(index), dims(index)];
  if (size.length === 1) return between(context, mask, batch, keys);
  const positive = emit.compare('Greater', mask, wholeZero(emit, mask));
  const wide = [0, 0, [size[0], 1, 1, keys], [size[0], 1, queries, keys], size][size.length];
  if (!Array.isArray(wide) || size[size.length - 1] !== keys) {
    throw refuse(
      `has a mask of size [${size.join(', ')}], which is not written out here; export the model unfused`,
    );
  }
  return emit.reshape(positive, wide);
}

function wholeZero(emit: Emitter, like: string): string {
  return emit.cast(emit.integer(0), emit.dataType(like));
}

/** Positions before each row's length, or from each row's start up to its end. */
function between(context: RewriteContext, bounds: string, batch: number, keys: number): string {
  const { emit, refuse } = context;
  const [count] = emit.dims(bounds);
  if (count !== batch && count !== 2 * batch) {
    throw refuse(
      `has a mask of size [${count}], which is not written out here; export the model unfused`,
    );
  }
  const places = emit.reshape(positionsUpTo(context, keys), [1, 1, 1, keys]);
  const column = (start: number) =>
    emit.reshape(emit.cast(emit.slice(bounds, 0, start, start + batch), DataType.int64), [
      batch,
      1,
      1,
      1,
    ]);
  const before = emit.compare('Less', places, column(0));
  if (count === batch) return before;
  const since = emit.compare('GreaterOrEqual', places, column(batch));
  return emit.op('And', [before, since], emit.dims(before));
}

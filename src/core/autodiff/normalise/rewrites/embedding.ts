import { floatAttribute, intAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Emitter } from '../../emitter.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';
import { layerNorm } from './norms.ts';

/** Rows of a table: [rows, width], indices of any shape → [...indices, width]. */
export function lookUp(emit: Emitter, table: string, indices: string): string {
  const dims = [...emit.dims(indices), ...emit.dims(table).slice(1)];
  const rows = emit.cast(indices, DataType.int64);
  return emit.op('Gather', [table, rows], dims, { attributes: { axis: 0 } });
}

/** Gather with int64 indices: its gradient scatters, and that takes no others. */
function gather({ node, emit, input, outputType }: RewriteContext) {
  if (emit.dataType(input(1)) === DataType.int64) return undefined;
  const inputs = [input(0), emit.cast(input(1), DataType.int64)];
  const attributes = { axis: intAttribute(node, 'axis', 0) };
  return [emit.op('Gather', inputs, outputType().dims, { attributes })];
}

/** Whole numbers 0 … length − 1, int64. */
export function positionsUpTo({ emit, once }: RewriteContext, length: number): string {
  const range = BigInt64Array.from({ length }, (_, i) => BigInt(i));
  return once(`range ${length}`, () => emit.store([length], range));
}

/**
 * EmbedLayerNormalization: e = word[ids] + position[0…S) (+ segment[types]); outputs
 * LayerNorm(e), the number of unmasked tokens per row, e.
 * Inputs: ids, types?, word, position, segment?, γ, β, mask?, position ids?.
 */
function embedNorm(context: RewriteContext) {
  const { node, emit, input, has, wants, dims } = context;
  const words = lookUp(emit, input(2), input(0));
  const places = has(8) ? input(8) : positionsUpTo(context, dims(0)[1]);
  const placed = emit.add(words, lookUp(emit, input(3), places));
  const sum = has(1) && has(4) ? emit.add(placed, lookUp(emit, input(4), input(1))) : placed;
  const normed = layerNorm(emit, sum, input(5), input(6), floatAttribute(node, 'epsilon', 1e-12));
  return [normed, wants(1) ? counted(context) : undefined, sum];
}

/** How many tokens the mask keeps in each row, int32 [batch]; zeros without a mask. */
function counted({ emit, input, has, dims }: RewriteContext): string {
  if (has(7)) return emit.cast(emit.reduceSum(input(7), [1], false), DataType.int32);
  return emit.cast(emit.expand(emit.integer(0), [dims(0)[0]]), DataType.int32);
}

/**
 * RelativePositionBias (T5): the table's row for the bucket of each distance key − query, as
 * [1, heads, queries, keys]. Near distances have a bucket each, far ones share buckets on a log scale.
 *
 * @see Raffel et al., Exploring the Limits of Transfer Learning (2020), arXiv 1910.10683, §2.1
 */
function positionBias({ node, emit, input, dims, numbers, refuse }: RewriteContext) {
  const [queries] = numbers(1) ?? [];
  const [keys] = numbers(2) ?? [];
  if (queries === undefined || keys === undefined) {
    throw refuse('takes its lengths from a run; export the model with fixed lengths');
  }
  const [count] = dims(0);
  const bothWays = intAttribute(node, 'is_bidirectional', 0) === 1;
  const reach = intAttribute(node, 'max_distance', 128);
  const buckets = BigInt64Array.from({ length: queries * keys }, (_, at) =>
    BigInt(bucketOf((at % keys) - Math.floor(at / keys), count, bothWays, reach)),
  );
  const rows = lookUp(emit, input(0), emit.store([queries, keys], buckets));
  const turned = emit.transpose(rows, [2, 0, 1]);
  return [emit.reshape(turned, [1, ...emit.dims(turned)])];
}

/** Bucket of a distance: the first half of the buckets exactly, the rest up to `reach` by its logarithm. */
function bucketOf(distance: number, buckets: number, bothWays: boolean, reach: number): number {
  const count = bothWays ? Math.floor(buckets / 2) : buckets;
  const start = bothWays && distance > 0 ? count : 0;
  const away = bothWays ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(count / 2);
  if (away < exact) return start + away;
  const share = Math.log(away / exact) / Math.log(reach / exact);
  return start + Math.min(count - 1, exact + Math.floor(share * (count - exact)));
}

export const embeddingRewrites: readonly RewriteEntry[] = [
  { operators: ['Gather'], rewrite: gather },
  { operators: ['EmbedLayerNormalization'], domain: MICROSOFT, rewrite: embedNorm },
  { operators: ['RelativePositionBias'], domain: MICROSOFT, rewrite: positionBias },
];

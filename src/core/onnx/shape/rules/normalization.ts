import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute } from '../../graph/attributes.ts';
import { axisAt } from '../axes.ts';
import type { Rule, RuleContext, ValueType } from '../types.ts';

/** Mean and inverse deviation: one per row, with the normalised axes kept as 1, in float32. */
function rowStatistics(c: RuleContext, axis: number): ValueType {
  const dims = c.dims(0);
  const first = dims && axisAt(axis, dims.length);
  const kept = first === undefined ? undefined : dims?.map((dim, at) => (at < first ? dim : 1));
  return { dataType: intAttribute(c.node, 'stash_type', DataType.float32), dims: kept };
}

/** LayerNormalization → Y, Mean, InvStdDev; the RMS forms → Y, InvStdDev. */
const normalize: Rule = (c) => {
  const rows = rowStatistics(c, intAttribute(c.node, 'axis', -1));
  return [c.type(0), rows, rows];
};

/** (Simplified)SkipLayerNormalization → Y, mean, inverse deviation, input + skip + bias. */
const skipNormalize: Rule = (c) => {
  const rows = rowStatistics(c, -1);
  return [c.type(0), rows, rows, c.type(0)];
};

/** Since opset 14 the other outputs are running mean and variance, before that per-channel sums. */
const batchNormalize: Rule = (c) => {
  const [mean, variance] = c.opset >= 14 ? [c.type(3), c.type(4)] : [c.type(1), c.type(1)];
  return [c.type(0), mean, variance, mean, variance];
};

/** EmbedLayerNormalization: ids [B, S], word table [V, H] → [B, S, H], mask index [B], sum [B, S, H]. */
const embedNormalize: Rule = (c) => {
  const ids = c.dims(0);
  const dataType = c.dataType(2);
  const batch = ids?.[0];
  const output: ValueType = { dataType, dims: [batch, ids?.[1], c.dims(2)?.[1]] };
  return [output, { dataType: DataType.int32, dims: [batch] }, output];
};

export const normalizationRules = {
  normalize,
  skipNormalize,
  batchNormalize,
  embedNormalize,
} satisfies Record<string, Rule>;

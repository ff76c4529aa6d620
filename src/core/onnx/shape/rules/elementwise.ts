import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute } from '../../graph/attributes.ts';
import { broadcastDims } from '../broadcast.ts';
import type { Rule, RuleContext } from '../types.ts';

function inputShapes(c: RuleContext, from = 0): readonly ReturnType<RuleContext['dims']>[] {
  return c.node.inputs.slice(from).map((_, index) => c.dims(from + index));
}

function firstDataType(c: RuleContext, ...inputs: readonly number[]): number {
  return inputs.map((index) => c.dataType(index)).find((type) => type !== 0) ?? 0;
}

/** One output element per element of input 0. */
const same: Rule = (c) => [c.type(0)];

/** All inputs broadcast together; T is that of the first input. */
const broadcast: Rule = (c) => [
  { dataType: firstDataType(c, ...c.node.inputs.keys()), dims: broadcastDims(...inputShapes(c)) },
];

const compare: Rule = (c) => [{ dataType: DataType.bool, dims: broadcastDims(...inputShapes(c)) }];

const test: Rule = (c) => [{ dataType: DataType.bool, dims: c.dims(0) }];

const where: Rule = (c) => [
  { dataType: firstDataType(c, 1, 2), dims: broadcastDims(...inputShapes(c)) },
];

const cast: Rule = (c) => [{ dataType: intAttribute(c.node, 'to', 0), dims: c.dims(0) }];

const castLike: Rule = (c) => [{ dataType: c.dataType(1), dims: c.dims(0) }];

/** The mask is bool since opset 10, before that of the data's type. */
const dropout: Rule = (c) => [
  c.type(0),
  { dataType: c.opset >= 10 ? DataType.bool : c.dataType(0), dims: c.dims(0) },
];

/** Bernoulli, RandomNormalLike, EyeLike …: the shape of input 0, the type of `dtype` or of input 0. */
const like: Rule = (c) => [
  { dataType: intAttribute(c.node, 'dtype', c.dataType(0)), dims: c.dims(0) },
];

export const elementwiseRules = {
  same,
  broadcast,
  compare,
  test,
  where,
  cast,
  castLike,
  dropout,
  like,
} satisfies Record<string, Rule>;

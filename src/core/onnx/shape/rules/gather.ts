import { intAttribute } from '../../graph/attributes.ts';
import { axisAt } from '../axes.ts';
import type { Rule } from '../types.ts';

/** Gather: data's axis replaced by the axes of the indices. */
const gather: Rule = (c) => {
  const data = c.dims(0);
  const indices = c.dims(1);
  const axis = data && axisAt(intAttribute(c.node, 'axis', 0), data.length);
  const dataType = c.dataType(0);
  if (!data || !indices || axis === undefined) return [{ dataType }];
  return [{ dataType, dims: [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)] }];
};

/** GatherElements: one element per index. */
const gatherElements: Rule = (c) => [{ dataType: c.dataType(0), dims: c.dims(1) }];

/** GatherND: indices [..., k] address the first k axes behind `batch_dims`. */
const gatherNd: Rule = (c) => {
  const data = c.dims(0);
  const indices = c.dims(1);
  const dataType = c.dataType(0);
  const depth = indices?.[indices.length - 1];
  if (!data || !indices || typeof depth !== 'number') return [{ dataType }];
  const batch = intAttribute(c.node, 'batch_dims', 0);
  return [{ dataType, dims: [...indices.slice(0, -1), ...data.slice(batch + depth)] }];
};

export const gatherRules = { gather, gatherElements, gatherNd } satisfies Record<string, Rule>;

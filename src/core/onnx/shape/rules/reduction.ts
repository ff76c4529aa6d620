import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute } from '../../graph/attributes.ts';
import { axesAt, axisAt, integersFrom, unknownDims } from '../axes.ts';
import type { Dim } from '../dimension.ts';
import type { Rule } from '../types.ts';

function reduced(
  dims: readonly Dim[],
  axes: readonly number[],
  keep: boolean,
): readonly Dim[] | undefined {
  const at = axesAt(axes, dims.length);
  if (!at) return undefined;
  if (keep) return dims.map((dim, axis) => (at.includes(axis) ? 1 : dim));
  return dims.filter((_, axis) => !at.includes(axis));
}

/** ReduceSum and its kin; axes are an attribute, or input 1 (ReduceSum 13, the others 18). */
const reduce: Rule = (c) => {
  const dataType = c.dataType(0);
  const dims = c.dims(0);
  if (!dims) return [{ dataType }];
  const keep = intAttribute(c.node, 'keepdims', 1) !== 0;
  const axes = integersFrom(c, 'axes', 1);
  if (axes === undefined) return [{ dataType, dims: keep ? unknownDims(dims.length) : undefined }];
  const none = axes === 'absent' || axes.length === 0;
  if (none && intAttribute(c.node, 'noop_with_empty_axes', 0) !== 0) return [c.type(0)];
  return [{ dataType, dims: reduced(dims, none ? [...dims.keys()] : axes, keep) }];
};

/** ArgMax, ArgMin: int64 positions along one axis. */
const argReduce: Rule = (c) => {
  const dims = c.dims(0);
  const keep = intAttribute(c.node, 'keepdims', 1) !== 0;
  const axis = intAttribute(c.node, 'axis', 0);
  return [{ dataType: DataType.int64, dims: dims && reduced(dims, [axis], keep) }];
};

/** TopK → values and int64 positions; k is an attribute before opset 10. */
const topK: Rule = (c) => {
  const dims = c.dims(0);
  const axis = dims && axisAt(intAttribute(c.node, 'axis', -1), dims.length);
  const k = intAttribute(c.node, 'k') ?? c.known(1)?.elements[0];
  const kept = axis === undefined ? undefined : dims?.map((dim, at) => (at === axis ? k : dim));
  return [
    { dataType: c.dataType(0), dims: kept },
    { dataType: DataType.int64, dims: kept },
  ];
};

export const reductionRules = { reduce, argReduce, topK } satisfies Record<string, Rule>;

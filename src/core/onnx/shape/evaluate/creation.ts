import { DataType, elementCount } from '../../../tensor/data-type.ts';
import { attribute, intAttribute, tensorAttribute } from '../../graph/attributes.ts';
import { axesAt, integersFrom } from '../axes.ts';
import { addDims, maxDims, minDims, multiplyDims, productOf } from '../dimension.ts';
import type { Dim } from '../dimension.ts';
import { isCarried, knownFromTensor, rounded } from '../known.ts';
import { shapeRange } from '../rules/generate.ts';
import type { Evaluator, Known } from '../types.ts';
import { mapPositions, offsetOf, stridesOf } from './positions.ts';

const constant: Evaluator = (c, output) => {
  const tensor = tensorAttribute(c.node, 'value');
  if (tensor) return knownFromTensor(tensor);
  for (const name of ['value_int', 'value_float', 'value_ints', 'value_floats']) {
    const found = attribute(c.node, name);
    if (!found || !isCarried(output.dataType, output.dims)) continue;
    const { dataType, dims } = output;
    if (found.kind === 'int' || found.kind === 'float')
      return { dataType, dims, elements: [Number(found.value)] };
    if (found.kind === 'ints') return { dataType, dims, elements: found.value.map(Number) };
    if (found.kind === 'floats') return { dataType, dims, elements: found.value };
  }
  return undefined;
};

const constantOfShape: Evaluator = (c, output) => {
  const { dataType, dims } = output;
  if (!isCarried(dataType, dims)) return undefined;
  const value = tensorAttribute(c.node, 'value');
  const fill = value ? knownFromTensor(value)?.elements[0] : 0;
  return fill === undefined
    ? undefined
    : { dataType, dims, elements: Array.from({ length: elementCount(dims) }, () => fill) };
};

const range: Evaluator = (c, output) => {
  const { dataType, dims } = output;
  const start = c.known(0)?.elements[0];
  const delta = c.known(2)?.elements[0];
  if (!isCarried(dataType, dims) || typeof start !== 'number' || typeof delta !== 'number')
    return undefined;
  const elements = Array.from({ length: dims[0] }, (_, i) => rounded(dataType, start + i * delta));
  return { dataType, dims, elements };
};

const shape: Evaluator = (c) => {
  const dims = c.dims(0);
  if (!dims) return undefined;
  const elements = dims.slice(...shapeRange(c, dims.length));
  return { dataType: DataType.int64, dims: [elements.length], elements };
};

const size: Evaluator = (c) => {
  const dims = c.dims(0);
  return dims && { dataType: DataType.int64, dims: [], elements: [productOf(dims)] };
};

/** ReduceProd, ReduceSum, ReduceMax, ReduceMin over small known tensors. */
function reducing(start: number | undefined, step: (a: Dim, b: Dim) => Dim): Evaluator {
  return (c, output) => {
    const source = c.known(0);
    const { dims } = output;
    if (!source || !isCarried(source.dataType, dims)) return undefined;
    const given = integersFrom(c, 'axes', 1);
    if (given === undefined) return undefined;
    const everything = given === 'absent' || given.length === 0;
    const kept = everything && intAttribute(c.node, 'noop_with_empty_axes', 0) !== 0;
    const axes = axesAt(everything ? [...source.dims.keys()] : given, source.dims.length);
    if (kept || !axes) return kept ? source : undefined;
    return { ...source, dims, elements: reduceElements(source, axes, start, step) };
  };
}

function reduceElements(
  source: Known,
  axes: readonly number[],
  start: number | undefined,
  step: (a: Dim, b: Dim) => Dim,
): readonly Dim[] {
  const kept = source.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = stridesOf(kept);
  const groups: Dim[][] = Array.from({ length: elementCount(kept) }, () => []);
  mapPositions(source.dims, (position) =>
    position.map((at, axis) => (axes.includes(axis) ? 0 : at)),
  ).forEach((position, at) => groups[offsetOf(position, strides)].push(source.elements[at]));
  return groups.map((group) => {
    const all = start === undefined ? group : [start, ...group];
    const total = all.length > 0 ? all.reduce(step) : undefined;
    return typeof total === 'number' ? rounded(source.dataType, total) : total;
  });
}

/** NonZero of a small known tensor: the positions, one row per axis. */
const nonZero: Evaluator = (c) => {
  const source = c.known(0);
  if (!source || source.elements.some((element) => typeof element !== 'number')) return undefined;
  const found: (readonly number[])[] = [];
  mapPositions(source.dims, (position) => [...position]).forEach((position, at) => {
    if (source.elements[at] !== 0) found.push(position);
  });
  const dims = [source.dims.length, found.length];
  if (!isCarried(DataType.int64, dims)) return undefined;
  const elements = source.dims.flatMap((_, axis) => found.map((position) => position[axis]));
  return { dataType: DataType.int64, dims, elements };
};

export const creationEvaluators: Readonly<Record<string, Evaluator>> = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  Shape: shape,
  Size: size,
  NonZero: nonZero,
  ReduceProd: reducing(1, multiplyDims),
  ReduceSum: reducing(0, addDims),
  ReduceMax: reducing(undefined, maxDims),
  ReduceMin: reducing(undefined, minDims),
};

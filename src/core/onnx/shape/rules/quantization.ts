import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute } from '../../graph/attributes.ts';
import { axisAt, withDim } from '../axes.ts';
import { broadcastDims } from '../broadcast.ts';
import { multiplyDims } from '../dimension.ts';
import type { Rule } from '../types.ts';

/** The type is that of the zero point, else `output_dtype` (opset 21), else uint8. */
const quantize: Rule = (c) => {
  const named = intAttribute(c.node, 'output_dtype', 0) || DataType.uint8;
  return [{ dataType: c.has(2) ? c.dataType(2) : named, dims: c.dims(0) }];
};

const dequantize: Rule = (c) => [
  { dataType: intAttribute(c.node, 'output_dtype', 0) || c.dataType(1), dims: c.dims(0) },
];

/** DynamicQuantizeLinear → y (uint8), scale, zero point. */
const dynamicQuantize: Rule = (c) => [
  { dataType: DataType.uint8, dims: c.dims(0) },
  { dataType: DataType.float32, dims: [] },
  { dataType: DataType.uint8, dims: [] },
];

/**
 * GatherBlockQuantized: rows of a block-quantized table, dequantized: Gather's shape, the type of
 * the scales. uint8 data of 4 or 2 bits hold 8 / bits values per byte along the last axis.
 */
const gatherBlockQuantized: Rule = (c) => {
  const data = c.dims(0);
  const indices = c.dims(1);
  const dataType = c.dataType(2);
  const axis = data && axisAt(intAttribute(c.node, 'gather_axis', 0), data.length);
  if (!data || !indices || axis === undefined) return [{ dataType }];
  const perByte = c.dataType(0) === DataType.uint8 ? 8 / intAttribute(c.node, 'bits', 4) : 1;
  const last = data.length - 1;
  const unpacked = withDim(data, last, multiplyDims(data[last], perByte));
  return [
    { dataType, dims: [...unpacked.slice(0, axis), ...indices, ...unpacked.slice(axis + 1)] },
  ];
};

/** QLinearAdd, QLinearMul: (a, a_scale, a_zero, b, b_scale, b_zero, …) broadcast in a's type. */
const qLinearBinary: Rule = (c) => [
  { dataType: c.dataType(0), dims: broadcastDims(c.dims(0), c.dims(3)) },
];

export const quantizationRules = {
  qLinearBinary,
  quantize,
  dequantize,
  dynamicQuantize,
  gatherBlockQuantized,
} satisfies Record<string, Rule>;

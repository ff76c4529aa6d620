import { packCodes, packZeros } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { plainNumbers } from '../coded/tensors.ts';
import { castTo } from '../coded/unpack.ts';
import type { Emitter } from '../emitter.ts';
import type { Connection, Site, StoredTensor, Use } from '../form.ts';
import { requireKind } from '../problems.ts';
import type { Coded } from '../types.ts';
import { centre } from './centre.ts';
import {
  integerGrid,
  isIntegerGrid,
  kernelBlock,
  kernelType,
  zeroCodes,
  type Fusion,
  type IntegerGrid,
} from './fusion.ts';
import { readGathered } from './gather-block-quantized.read.ts';

/**
 * com.microsoft.GatherBlockQuantized: rows of an embedding table, unpacked as they are looked up. Only
 * the variants that were measured right on WASM and WebGPU: int4 (centred, no zero point), uint4 with
 * zero points, uint8 holding 8- or 2-bit codes.
 */
export const gatherBlockQuantized: Fusion = {
  id: 'gather-block-quantized',
  fits: (coded, use, { columns }) => isIntegerGrid(coded) && fits(coded, use, columns),
  readsRows: () => true,
  form: (structure, site) => ({
    id: 'gather-block-quantized',
    tensors: (encoded) => lookUpTensors(integerGrid(requireKind(encoded, 'coded')), site),
    connect: (emit, names) => connect(emit, integerGrid(structure), site, names),
  }),
  read: readGathered,
};

function fits(coded: IntegerGrid, { op }: Use, columns: number): boolean {
  const { bits, granularity, groupSize } = coded;
  if (op !== 'Gather' || bits === 3 || granularity === 'tensor') return false;
  // Four 2-bit codes share a byte, and rows must start at a byte.
  if (bits === 2 && columns % 4 !== 0) return false;
  return kernelBlock(groupSize, columns) !== undefined;
}

function blockOf({ groupSize }: Coded, { columns }: Site): number {
  return kernelBlock(groupSize, columns) ?? groupSize;
}

function lookUpTensors(coded: IntegerGrid, site: Site): StoredTensor[] {
  const groups = Math.ceil(site.columns / blockOf(coded, site));
  const { rows } = site;
  return [
    codesTensor(coded, site),
    plainNumbers(coded.scales, '_scales', [rows, groups]),
    ...(coded.zeros ? [zerosTensor(coded, rows, groups)] : []),
  ];
}

function codesTensor({ bits, zeros, codes }: IntegerGrid, { rows, columns }: Site): StoredTensor {
  const suffix = `_q${bits}`;
  if (bits === 4) {
    const bytes = codes && packCodes(zeros ? codes : centre(codes, 4), 4);
    const dataType = zeros ? DataType.uint4 : DataType.int4;
    return { suffix, dims: [rows, columns], dataType, ...(bytes && { bytes }) };
  }
  const bytes = codes && packCodes(codes, bits);
  const dims = [rows, (columns * bits) / 8];
  return { suffix, dims, dataType: DataType.uint8, ...(bytes && { bytes }) };
}

function zerosTensor(coded: IntegerGrid, rows: number, groups: number): StoredTensor {
  const suffix = '_zero_points';
  const { bits } = coded;
  const zeros = zeroCodes(coded);
  if (bits === 4) {
    const bytes = zeros && packCodes(zeros, 4);
    return { suffix, dims: [rows, groups], dataType: DataType.uint4, ...(bytes && { bytes }) };
  }
  const bytes = zeros && packZeros(zeros, rows, groups, bits);
  const dims = [rows, Math.ceil((groups * bits) / 8)];
  return { suffix, dims, dataType: DataType.uint8, ...(bytes && { bytes }) };
}

function connect(
  emit: Emitter,
  coded: IntegerGrid,
  site: Site,
  [codes, scales, zeros]: readonly string[],
): Connection {
  const { bits } = coded;
  const lookUp: NonNullable<Connection['lookUp']> = (indices, { elementType, output }) =>
    emit.op(
      'GatherBlockQuantized',
      [
        ...[codes, indices, castTo(emit, scales, coded.scales.dataType, kernelType(elementType))],
        ...(zeros === undefined ? [] : [zeros]),
      ],
      { bits, block_size: blockOf(coded, site), gather_axis: 0, quantize_axis: 1 },
      { domain: 'com.microsoft', ...(output !== undefined && { output }) },
    );
  const elementType = DataType.float32;
  return { value: noValue, rows: (picked) => lookUp(picked, { elementType }), lookUp };
}

function noValue(): never {
  throw new TypeError('GatherBlockQuantized looks rows up; it makes no whole weight.');
}

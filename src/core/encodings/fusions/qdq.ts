import { packCodes } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { transpose } from '../../tensor/matrix.ts';
import { groupsOf } from '../coded/layout.ts';
import { readRows, type StoredRows } from '../coded/rows.ts';
import { plainNumbers } from '../coded/tensors.ts';
import { castTo } from '../coded/unpack.ts';
import type { Emitter } from '../emitter.ts';
import type { Connection, Site, StoredTensor, Use } from '../form.ts';
import { requireKind } from '../problems.ts';
import { centre } from './centre.ts';
import { integerGrid, isIntegerGrid, zeroCodes, type Fusion, type IntegerGrid } from './fusion.ts';
import { readQdq } from './qdq.read.ts';

/**
 * DequantizeLinear(codes, scale, zero point) of int8/uint8/int4/uint4 codes: per tensor, per channel or
 * in blocks. Symmetric codes are stored centred, so they need no zero point.
 */
export const qdq: Fusion = {
  id: 'qdq',
  fits: (coded, use, { opset }) => isIntegerGrid(coded) && fits(coded, use, opset),
  // Nibbles have no operator that picks rows of them.
  readsRows: ({ bits }) => bits === 8,
  form: (structure, site) => ({
    id: 'qdq',
    tensors: (encoded) => tensors(integerGrid(requireKind(encoded, 'coded')), site),
    connect: (emit, names) => connect(emit, integerGrid(structure), site, names),
  }),
  read: readQdq,
};

function fits({ bits, granularity }: IntegerGrid, { op }: Use, opset: number): boolean {
  if (op === 'Gather' || (bits !== 4 && bits !== 8)) return false;
  if (granularity === 'block') return op !== 'Conv' && opset >= 21;
  if (bits === 4) return opset >= 21;
  return opset >= (granularity === 'channel' ? 13 : 10);
}

function tensors(coded: IntegerGrid, site: Site): StoredTensor[] {
  const { bits, zeros } = coded;
  const dims = groupDims(coded, site);
  const bytes = codeBytes(coded, site);
  const scales = { ...coded.scales, values: inLayout(coded, site, coded.scales.values) };
  const zero = inLayout(coded, site, zeroCodes(coded));
  const zeroBytes = zero && (bits === 8 ? zero : packCodes(zero, bits));
  return [
    {
      suffix: `_q${bits}`,
      dims: codeDims(site),
      dataType: codeType(coded),
      ...(bytes && { bytes }),
    },
    plainNumbers(scales, '_scales', dims),
    ...(zeros
      ? [
          {
            suffix: '_zero_points',
            dims,
            dataType: codeType(coded),
            ...(zeroBytes && { bytes: zeroBytes }),
          },
        ]
      : []),
  ];
}

/** A Conv's [out, in/group, …kernel], else the matrix as its readers want it. */
function codeDims({ uses, dims, layout, rows, columns }: Site): readonly number[] {
  if (uses[0].op === 'Conv') return dims;
  return layout === 'out-in' ? [rows, columns] : [columns, rows];
}

function codeType({ bits, zeros }: IntegerGrid): number {
  if (bits === 8) return zeros ? DataType.uint8 : DataType.int8;
  return zeros ? DataType.uint4 : DataType.int4;
}

function codeBytes({ bits, codes, zeros }: IntegerGrid, site: Site): Uint8Array | undefined {
  if (codes === undefined) return undefined;
  const centred = zeros ? codes : centre(codes, bits);
  const { rows, columns, layout } = site;
  const laid = layout === 'out-in' ? centred : transpose(centred, rows, columns);
  return bits === 8 ? laid : packCodes(laid, bits);
}

function groupDims(coded: IntegerGrid, { rows, columns, layout }: Site): readonly number[] {
  if (coded.granularity === 'tensor') return [];
  if (coded.granularity === 'channel') return [rows];
  const groups = groupsOf(coded, columns);
  return layout === 'out-in' ? [rows, groups] : [groups, rows];
}

/** Block scales and zeros follow the codes' layout. */
function inLayout<T extends Float32Array | Uint8Array>(
  coded: IntegerGrid,
  { rows, columns, layout }: Site,
  values: T | undefined,
): T | undefined {
  if (coded.granularity !== 'block' || layout === 'out-in' || values === undefined) return values;
  return transpose(values, rows, groupsOf(coded, columns));
}

function connect(
  emit: Emitter,
  coded: IntegerGrid,
  site: Site,
  [codes, scales, zeros]: readonly string[],
): Connection {
  const outIn = site.layout === 'out-in';
  const { granularity, groupSize, bits } = coded;
  const asFloat = castTo(emit, scales, coded.scales.dataType, DataType.float32);
  const inputs = [codes, asFloat, ...(zeros === undefined ? [] : [zeros])];
  const value = emit.op('DequantizeLinear', inputs, {
    axis: granularity === 'tensor' ? undefined : axisOf(coded, outIn),
    block_size: granularity === 'block' ? groupSize : undefined,
  });
  const rows = rowStore(coded, site, [codes, scales, zeros]);
  return {
    value: () => ({ value, layout: site.layout, elementType: DataType.float32 }),
    ...(bits === 8 && outIn && { rows: (picked) => readRows(emit, rows, picked) }),
  };
}

/** Channel scales run along the output features, block scales along the input features. */
function axisOf({ granularity }: IntegerGrid, outIn: boolean): number {
  return (granularity === 'block') === outIn ? 1 : 0;
}

/** Where whole rows can also be looked up: an embedding tied to this weight. */
function rowStore(
  coded: IntegerGrid,
  { columns }: Site,
  [codes, scales, zeros]: readonly (string | undefined)[],
): StoredRows {
  const { granularity, groupSize } = coded;
  const dataType = DataType.uint8;
  return {
    planes: [{ bits: 8, shift: 0, value: codes ?? '', paddedColumns: columns }],
    ...{ columns, granularity, groupSize, groups: groupsOf(coded, columns) },
    scales: { value: scales ?? '', dataType: coded.scales.dataType },
    flatScales: granularity === 'channel',
    ...(zeros !== undefined && { zeros: { kind: 'numbers', value: zeros, dataType } }),
  };
}

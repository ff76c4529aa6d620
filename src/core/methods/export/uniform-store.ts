import { packBlocks, packCodes, packZeros } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { toHalf } from '../half.ts';
import type { UniformWeight } from '../encoding.ts';
import { bytesOf, type Emitter } from './emitter.ts';
import { kernelBlock } from './choose-format.ts';
import type { StoredRows } from './stored.ts';

/** A uniform weight with its shape. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
}

/** Element type the file stores the scales in: half where asked for, or where the graph computes in half. */
export function scaleDataType(encoded: UniformWeight, elementType: number): number {
  const half = encoded.scaleType === 'float16' || elementType === DataType.float16;
  return half ? DataType.float16 : DataType.float32;
}

/** Scales, one per group ([rows, groups]) or a scalar for the whole tensor. */
export function storeScales(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  dims: readonly number[],
  dataType: number,
): string {
  const { scales } = encoded;
  const bytes =
    scales && bytesOf(dataType === DataType.float16 ? toHalf(scales) : Float32Array.from(scales));
  return emit.tensor(`${base}_scales`, dims, dataType, bytes);
}

/** What all row stores have in common. */
export function rowFields(encoded: UniformWeight, { rows, columns }: Matrix) {
  const { bits, granularity, groupSize } = encoded;
  const groups = granularity === 'tensor' ? 1 : Math.ceil(columns / groupSize);
  return { kind: 'rows', bits, rows, columns, granularity, groupSize, groups } as const;
}

/**
 * MatMulNBits' own layout: codes [rows, blocks, blockSize·bits/8], each row padded to whole blocks,
 * scales [rows, blocks], zero points packed to `bits` in whole bytes per row.
 */
export function storeBlocks(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  { rows, columns }: Matrix,
  elementType: number,
): StoredRows & { readonly block: number } {
  const { bits, codes, zeros, symmetric } = encoded;
  const block = kernelBlock(encoded.groupSize, columns) ?? encoded.groupSize;
  const groups = Math.ceil(columns / block);
  const scaleType = scaleDataType(encoded, elementType);
  const bytes = codes && packBlocks(codes, rows, columns, block, bits, zeros);
  const dims = [rows, groups, (block * bits) / 8];
  const zeroDims = [rows, Math.ceil((groups * bits) / 8)];
  return {
    ...rowFields(encoded, { rows, columns }),
    granularity: 'block',
    groupSize: block,
    block,
    groups,
    signed: false,
    paddedColumns: groups * block,
    scaleType,
    codes: emit.tensor(`${base}_q${bits}`, dims, DataType.uint8, bytes),
    scales: storeScales(emit, base, encoded, [rows, groups], scaleType),
    ...(!symmetric && {
      zerosPacked: true,
      zeros: emit.tensor(
        `${base}_zero_points`,
        zeroDims,
        DataType.uint8,
        zeros && packZeros(zeros, rows, groups, bits),
      ),
    }),
  };
}

/** Codes a row is padded to: whole words, so that every row starts at a byte. */
function wordColumns(bits: number, columns: number): number {
  const perWord = bits === 3 ? 8 : 8 / bits;
  return Math.ceil(columns / perWord) * perWord;
}

/** Bytes for plain operators: each row a bit stream of its codes, zero points one byte each. */
export function storePacked(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  { rows, columns }: Matrix,
): StoredRows {
  const { bits, codes, zeros, symmetric } = encoded;
  const fields = rowFields(encoded, { rows, columns });
  const paddedColumns = wordColumns(bits, columns);
  const dims = [rows, (paddedColumns * bits) / 8];
  const perGroup = fields.granularity === 'tensor' ? [] : [rows, fields.groups];
  const scaleType = scaleDataType(encoded, DataType.float32);
  const bytes = codes && packCodes(padRows(codes, rows, columns, paddedColumns), bits);
  return {
    ...fields,
    signed: false,
    paddedColumns,
    scaleType,
    codes: emit.tensor(`${base}_q${bits}`, dims, DataType.uint8, bytes),
    scales: storeScales(emit, base, encoded, perGroup, scaleType),
    ...(!symmetric && {
      zeros: emit.tensor(`${base}_zero_points`, perGroup, DataType.uint8, zeros),
    }),
  };
}

function padRows(codes: Uint8Array, rows: number, from: number, to: number): Uint8Array {
  if (from === to) return codes;
  const padded = new Uint8Array(rows * to);
  for (let r = 0; r < rows; r++) padded.set(codes.subarray(r * from, (r + 1) * from), r * to);
  return padded;
}

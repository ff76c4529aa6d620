import { packCodes } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { groupsOf } from '../coded/layout.ts';
import { isPlain, plainNumbers } from '../coded/tensors.ts';
import { castTo } from '../coded/unpack.ts';
import type { Emitter } from '../emitter.ts';
import type { Connection, Site, StoredTensor, Use } from '../form.ts';
import { requireKind } from '../problems.ts';
import type { Coded } from '../types.ts';
import { kernelBlock, kernelType, type Fusion } from './fusion.ts';
import { readBnb4 } from './matmul-bnb4.read.ts';

/** The operator's numbers for its two tables. */
const QUANT_TYPE: Readonly<Record<string, number>> = { fp4: 0, nf4: 1 };

/** com.microsoft.MatMulBnb4: bitsandbytes' FP4 and NF4 codes in blocks, multiplied with directly. */
export const matmulBnb4: Fusion = {
  id: 'matmul-bnb4',
  fits,
  readsRows: () => false,
  form: (structure, site) => ({
    id: 'matmul-bnb4',
    tensors: (encoded) => tensors(requireKind(encoded, 'coded'), site),
    connect: (emit, names) => connect(emit, structure, site, names),
  }),
  read: readBnb4,
};

function fits(coded: Coded, { op, plain }: Use, { columns }: Site): boolean {
  const { grid, granularity, groupSize, scales } = coded;
  if ((op !== 'MatMul' && op !== 'Gemm') || !plain) return false;
  if (grid === 'integer' || grid.shared !== 'fixed' || !(grid.name in QUANT_TYPE)) return false;
  const float = scales && isPlain(scales) && scales.dataType === DataType.float32;
  // The kernel's blocks run on from row to row, so rows must end with a block.
  const whole = columns % groupSize === 0 && kernelBlock(groupSize, columns) === groupSize;
  return float === true && granularity === 'block' && whole;
}

/** Two codes per byte, the first in the high bits; blocks and their scales one after the other. */
function tensors(coded: Coded, { rows, columns }: Site): StoredTensor[] {
  const { codes, scales } = coded;
  const packed = codes && packCodes(swapPairs(codes), 4);
  const count = rows * columns;
  return [
    {
      suffix: '_q4',
      dims: [Math.ceil(count / 2)],
      dataType: DataType.uint8,
      ...(packed && { bytes: packed }),
    },
    ...(scales && isPlain(scales)
      ? [plainNumbers(scales, '_scales', [rows * groupsOf(coded, columns)])]
      : []),
  ];
}

function swapPairs(codes: Uint8Array): Uint8Array {
  return codes.map((_, i) => codes[i ^ 1] ?? 0);
}

function connect(
  emit: Emitter,
  { grid, groupSize }: Coded,
  site: Site,
  [codes, scales]: readonly string[],
): Connection {
  const { rows, columns } = site;
  const type = grid !== 'integer' && grid.shared === 'fixed' ? QUANT_TYPE[grid.name] : 0;
  return {
    value: () => {
      throw new TypeError('MatMulBnb4 multiplies; it makes no whole weight.');
    },
    multiply: (x, { elementType, output }) =>
      emit.op(
        'MatMulBnb4',
        [x, codes, castTo(emit, scales, DataType.float32, kernelType(elementType))],
        { K: columns, N: rows, block_size: groupSize, quant_type: type },
        { domain: 'com.microsoft', ...(output !== undefined && { output }) },
      ),
  };
}

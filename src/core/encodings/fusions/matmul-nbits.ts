import { packBlocks, packZeros } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { rowConnection } from '../coded/coded.ts';
import { groupsOf } from '../coded/layout.ts';
import type { StoredRows } from '../coded/rows.ts';
import { readNumbers, numberTensors } from '../coded/store.ts';
import { numbersTensors } from '../coded/tensors.ts';
import { castTo } from '../coded/unpack.ts';
import type { Emitter } from '../emitter.ts';
import type { Connection, Site, StoredTensor, Use } from '../form.ts';
import { requireKind } from '../problems.ts';
import type { Coded } from '../types.ts';
import { kernelBlock, kernelType, type Fusion } from './fusion.ts';
import { kernelGrid, kernelZeros, requireKernelGrid, type KernelGrid } from './kernel-grid.ts';
import { readNBits } from './matmul-nbits.read.ts';

/**
 * com.microsoft.MatMulNBits: blocks of 2-, 4- or 8-bit codes, multiplied with directly. Scales that are coded
 * themselves are unpacked in front of it, once: onnxruntime folds what depends on stored tensors alone.
 */
export const matmulNBits: Fusion = {
  id: 'matmul-nbits',
  fits: (coded, use, { columns, elementType }) =>
    kernelGrid(coded, elementType) !== undefined && fits(coded, use, columns),
  readsRows: () => true,
  form: (structure, site) => ({
    id: 'matmul-nbits',
    tensors: (encoded) => blockTensors(requireKernelGrid(requireKind(encoded, 'coded')), site),
    connect: (emit, names) => connect(emit, requireKernelGrid(structure), site, names),
  }),
  read: readNBits,
};

function fits(coded: Coded, { op, plain }: Use, columns: number): boolean {
  const { bits, granularity, groupSize } = coded;
  if ((op !== 'MatMul' && op !== 'Gemm') || !plain) return false;
  if (bits !== 2 && bits !== 4 && bits !== 8) return false;
  if (granularity === 'tensor' || kernelBlock(groupSize, columns) === undefined) return false;
  // Each row is padded to whole blocks; for per-channel scales that must not cost anything.
  if (granularity === 'channel') return bits !== 8 && kernelBlock(groupSize, columns) === columns;
  return true;
}

function blockOf({ groupSize }: Coded, { columns }: Site): { block: number; groups: number } {
  const block = kernelBlock(groupSize, columns) ?? groupSize;
  return { block, groups: Math.ceil(columns / block) };
}

/**
 * The kernel's own layout: codes [rows, blocks, blockSize·bits/8], each row padded to whole blocks,
 * scales [rows, blocks], zero points packed to `bits` in whole bytes per row.
 */
function blockTensors(coded: KernelGrid, site: Site): StoredTensor[] {
  const { rows, columns } = site;
  const { bits, codes, scales, zeros } = coded;
  const { block, groups } = blockOf(coded, site);
  const zero = kernelZeros(coded, rows * groups);
  const packed = codes && packBlocks(codes, rows, columns, block, bits, zero);
  return [
    {
      suffix: `_q${bits}`,
      dims: [rows, groups, (block * bits) / 8],
      dataType: DataType.uint8,
      ...(packed && { bytes: packed }),
    },
    ...numbersTensors(scales, '_scales', [rows, groups]),
    ...(zeros
      ? [
          {
            suffix: '_zero_points',
            dims: [rows, Math.ceil((groups * bits) / 8)],
            dataType: DataType.uint8,
            ...(zero && { bytes: packZeros(zero, rows, groups, bits) }),
          },
        ]
      : []),
  ];
}

/** A Gemm's C becomes an Add: the operator's own bias input is refused by older runtimes. */
function connect(
  emit: Emitter,
  coded: KernelGrid,
  site: Site,
  [codes, ...others]: readonly string[],
): Connection {
  const { rows, columns } = site;
  const { bits, scales: numbers } = coded;
  const { block, groups } = blockOf(coded, site);
  const count = numberTensors(numbers);
  const scales = readNumbers(emit, numbers, [rows, groups], others.slice(0, count));
  const [zeros] = others.slice(count);
  return {
    ...rowConnection(emit, blockRows(coded, site, { codes, scales, zeros })),
    multiply: (x, { elementType, output }) =>
      emit.op(
        'MatMulNBits',
        [
          ...[x, codes, castTo(emit, scales.value, scales.dataType, kernelType(elementType))],
          ...(zeros === undefined ? [] : [zeros]),
        ],
        { K: columns, N: rows, bits, block_size: block },
        { domain: 'com.microsoft', ...(output !== undefined && { output }) },
      ),
  };
}

type StoredScales = NonNullable<StoredRows['scales']>;

interface Names {
  readonly codes: string;
  readonly scales: StoredScales;
  readonly zeros: string | undefined;
}

/** The same storage as rows for standard operators. */
function blockRows(coded: KernelGrid, site: Site, { codes, scales, zeros }: Names): StoredRows {
  const { bits } = coded;
  const { block, groups } = blockOf(coded, site);
  return {
    planes: [{ bits, shift: 0, value: codes, paddedColumns: groups * block }],
    columns: site.columns,
    granularity: 'block',
    groupSize: block,
    groups: groupsOf({ ...coded, granularity: 'block', groupSize: block }, site.columns),
    scales,
    zeros:
      zeros === undefined ? { kind: 'constant', bits } : { kind: 'packed', value: zeros, bits },
  };
}

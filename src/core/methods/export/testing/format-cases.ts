import type { UniformFormat } from '../../encoding.ts';
import type { TestOp } from './models.ts';

/** One layer, the options it is quantized with, and the format the table must choose. */
export interface FormatCase {
  readonly op: TestOp;
  readonly rows: number;
  readonly columns: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly opset: number;
  readonly format: UniformFormat;
}

type Options = FormatCase['options'];

function cases(
  format: UniformFormat,
  ops: readonly TestOp[],
  shapes: readonly (readonly [rows: number, columns: number])[],
  options: readonly Options[],
  opset = 17,
): FormatCase[] {
  return ops.flatMap((op) =>
    shapes.flatMap(([rows, columns]) =>
      options.map((o) => ({ op, rows, columns, options: o, opset, format })),
    ),
  );
}

const PRODUCTS: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv'];
const ALL: readonly TestOp[] = [...PRODUCTS, 'Gather'];

function both(bits: readonly number[], blockSize: unknown): Options[] {
  return bits.flatMap((b) => [true, false].map((symmetric) => ({ bits: b, blockSize, symmetric })));
}

/** Every row of the format table, with shapes that no block divides. */
export const FORMAT_CASES: readonly FormatCase[] = [
  ...cases(
    'matmul-nbits',
    ['MatMul'],
    [
      [12, 64],
      [7, 43],
    ],
    [...both([2, 4, 8], 16), ...both([4], 32)],
  ),
  ...cases('matmul-nbits', ['Gemm'], [[12, 40]], both([2, 4, 8], 256)),
  ...cases('matmul-nbits', ['Gemm-transB'], [[12, 96]], both([2, 4, 8], 64)),
  ...cases('matmul-nbits', ['MatMul'], [[9, 128]], both([2, 4], 'channel')),
  ...cases('matmul-nbits', ['MatMul'], [[8, 64]], [{ bits: 4, blockSize: 32, scales: 'float16' }]),
  ...cases(
    'gather-block-quantized',
    ['Gather'],
    [
      [30, 64],
      [30, 44],
    ],
    both([2, 4, 8], 16),
  ),
  ...cases('gather-block-quantized', ['Gather'], [[30, 24]], both([2, 4, 8], 'channel')),
  ...cases('gather-block-quantized', ['Gather'], [[9, 33]], both([4, 8], 16)),
  ...cases('gather-block-quantized', ['Gather'], [[20, 64]], [{ bits: 4, scales: 'float16' }]),
  ...cases('qdq', PRODUCTS, [[10, 45]], [...both([8], 'channel'), ...both([8], 'tensor')]),
  ...cases('qdq', PRODUCTS, [[10, 45]], [{ bits: 8, blockSize: 'tensor', clip: 'mse' }], 11),
  ...cases('qdq', PRODUCTS, [[11, 45]], [...both([4], 'channel'), ...both([4], 'tensor')], 21),
  ...cases('packed', PRODUCTS, [[10, 45]], both([8], 'channel'), 12),
  ...cases('packed', PRODUCTS, [[11, 45]], [{ bits: 4, blockSize: 'channel', scales: 'float16' }]),
  ...cases(
    'packed',
    ALL,
    [
      [12, 72],
      [7, 36],
    ],
    [...both([3], 16), ...both([3], 32)],
  ),
  ...cases('packed', ALL, [[7, 27]], [...both([3], 'channel'), ...both([2, 3], 'tensor')], 11),
  ...cases('packed', ['Gather'], [[9, 30]], [...both([2], 16), ...both([4, 8], 'tensor')]),
  ...cases('packed', ['Gather'], [[9, 300]], both([4], 'channel')),
  ...cases('packed', ['Conv'], [[8, 36]], both([2, 4, 8], 16)),
];

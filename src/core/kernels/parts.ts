import type { Part } from './crew.ts';
import { PART } from './gemm-layout.ts';
import type { Kernels } from './load.ts';
import type { Kernel, KernelName } from './operands.ts';

export type Operands<Name extends KernelName> = Parameters<Kernel<Name>>[0];

/** Multiplications below which waking other threads costs more than they save. */
const WORTH = 1 << 21;

/** Parts per thread: one that is slow, or comes late, then holds the others up by little. */
const PARTS_PER_THREAD = 4;

/** Most shares: each makes at most two of the parts that fit on a crew's board. */
const MOST_SHARES = 60;

/** Rows of C of the least part: fewer would pack B too often. A multiple of the 8 columns of a tile. */
const LEAST_ROWS = 64;

/** Strips of 16 rows of the least part: fewer would pack A too often. */
const LEAST_STRIPS = 4;

/** A work area of `bytes` for every thread that may take part. */
export function workAreas({ arena, crew }: Kernels, bytes: number): number {
  return arena.alloc(align(bytes) * (crew?.size ?? 1));
}

/** The `gemm` kernel on all threads, rows of C shared out: same bits as on one. */
export function gemmInParts(wasm: Kernels, whole: Operands<'gemm'>, workBytes: number): void {
  const parts = productParts(wasm, { kernel: 'gemm', bytes: 4, whole });
  if (parts === undefined) wasm.gemm(whole);
  else wasm.crew?.run(parts, align(workBytes));
}

/** The `gemmDouble` kernel on all threads, as {@link gemmInParts}. */
export function gemmDoubleInParts(
  wasm: Kernels,
  whole: Operands<'gemmDouble'>,
  workBytes: number,
): void {
  const parts = productParts(wasm, { kernel: 'gemmDouble', bytes: 8, whole });
  if (parts === undefined) wasm.gemmDouble(whole);
  else wasm.crew?.run(parts, align(workBytes));
}

/** C += α·A·B by one of the kernels, whose elements take so many bytes. */
type Product =
  | { readonly kernel: 'gemm'; readonly bytes: 4; readonly whole: Operands<'gemm'> }
  | { readonly kernel: 'gemmDouble'; readonly bytes: 8; readonly whole: Operands<'gemmDouble'> };

function productParts(wasm: Kernels, product: Product): readonly Part[] | undefined {
  const { m, n, k, part } = product.whole;
  const size = (m * n * k) / (part === PART.all ? 1 : 2);
  const share = sharesOf(wasm, size, m, LEAST_ROWS);
  return share?.flatMap(([first, end]) => rowsOfC(product, first, end));
}

function rowsOfC(product: Product, first: number, end: number): Part[] {
  const { part, n } = product.whole;
  if (part === PART.all) return [tileOf(product, first, end, 0, n)];
  if (part === PART.upper) return first < n ? [tileOf(product, first, end, first, n)] : [];
  // Left of the diagonal everything is wanted, and tiles on it as the whole product would have them.
  const diagonal = tileOf(product, first, end, first, Math.min(n, first + align8(end - first)));
  const left = tileOf(product, first, end, 0, Math.min(first, n));
  return [
    ...(first > 0 ? [{ ...left, operands: { ...left.operands, part: PART.all } }] : []),
    ...(first < n ? [diagonal] : []),
  ];
}

/** Rows [i0, i1) and columns [j0, j1) of C. */
function tileOf(product: Product, i0: number, i1: number, j0: number, j1: number): Part {
  const { kernel, bytes, whole } = product;
  const { a, aRow, b, bColumn, c, cRow } = whole;
  const place = {
    ...{ a: a + bytes * i0 * aRow, b: b + bytes * j0 * bColumn },
    c: c + bytes * (i0 * cRow + j0),
  };
  return { kernel, operands: { ...whole, m: i1 - i0, n: j1 - j0, ...place } };
}

/** `stripProduct` on all threads, strips shared out: same bits as on one. */
export function stripProductInParts(
  wasm: Kernels,
  whole: Operands<'stripProduct'>,
  workBytes: number,
): void {
  const { strips, m, k, b, bColumns, c, cColumns } = whole;
  const share = sharesOf(wasm, 16 * strips * m * k, strips, LEAST_STRIPS);
  if (share === undefined) return void wasm.stripProduct(whole);
  const parts = share.map(([first, end]): Part => {
    const place = { b: b + 64 * first * bColumns, c: c + 64 * first * cColumns };
    return { kernel: 'stripProduct', operands: { ...whole, strips: end - first, ...place } };
  });
  wasm.crew?.run(parts, align(workBytes));
}

/** `sweepStrips` on all threads, strips shared out: same bits as on one. */
export function sweepInParts(
  wasm: Kernels,
  whole: Operands<'sweepStrips'>,
  workBytes: number,
): void {
  const { strips, n, w, columns, input, inputColumns, scales, zeros, codes } = whole;
  const share = sharesOf(wasm, 16 * strips * n * (n / 2 + 16), strips, LEAST_STRIPS);
  if (share === undefined) return void wasm.sweepStrips(whole);
  const parts = share.map(([first, end]): Part => {
    const place = {
      ...{ w: w + 64 * first * columns, input: input + 64 * first * inputColumns },
      ...{ scales: scales + 64 * first, zeros: zeros + 64 * first },
      codes: codes + 16 * first * columns,
    };
    return { kernel: 'sweepStrips', operands: { ...whole, strips: end - first, ...place } };
  });
  wasm.crew?.run(parts, align(workBytes));
}

/** `sparsifyStrips` on all threads, strips shared out: same bits as on one. */
export function sparsifyInParts(
  wasm: Kernels,
  whole: Operands<'sparsifyStrips'>,
  workBytes: number,
): void {
  const { strips, n, w, columns, input, mask, inputColumns, scales, zeros, codes } = whole;
  const share = sharesOf(wasm, 16 * strips * n * (n / 2 + 16), strips, LEAST_STRIPS);
  if (share === undefined) return void wasm.sparsifyStrips(whole);
  const parts = share.map(([first, end]): Part => {
    const place = {
      ...{ w: w + 64 * first * columns, input: input + 64 * first * inputColumns },
      ...{ mask: mask + 64 * first * inputColumns },
      ...{ scales: scales + 64 * first, zeros: zeros + 64 * first },
      // No codes are asked for with 0.
      codes: codes === 0 ? 0 : codes + 16 * first * columns,
    };
    return { kernel: 'sparsifyStrips', operands: { ...whole, strips: end - first, ...place } };
  });
  wasm.crew?.run(parts, align(workBytes));
}

/** `solveRows` on all threads, rows shared out: same bits as on one. */
export function solveRowsInParts(
  wasm: Kernels,
  whole: Operands<'solveRows'>,
  workBytes: number,
): void {
  const { n, b, bStride, rows } = whole;
  const share = sharesOf(wasm, (rows * n * n) / 2, rows, LEAST_ROWS);
  if (share === undefined) return void wasm.solveRows(whole);
  const parts = share.map(([first, end]): Part => ({
    kernel: 'solveRows',
    operands: { ...whole, b: b + 4 * first * bStride, rows: end - first },
  }));
  wasm.crew?.run(parts, align(workBytes));
}

/** [first, end) of each part, in multiples of `least`; undefined where one thread is as good. */
function sharesOf(
  { crew }: Kernels,
  multiplications: number,
  count: number,
  least: number,
): readonly (readonly [number, number])[] | undefined {
  if (crew === undefined || multiplications < WORTH || count < 2 * least || !crew.ready) return;
  const wanted = Math.min(MOST_SHARES, crew.size * PARTS_PER_THREAD);
  const step = Math.ceil(count / wanted / least) * least;
  const shares: (readonly [number, number])[] = [];
  for (let first = 0; first < count; first += step)
    shares.push([first, Math.min(count, first + step)]);
  return shares;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function align8(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}

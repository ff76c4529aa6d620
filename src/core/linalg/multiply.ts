import { withDoubles } from '../kernels/doubles.ts';

export interface MultiplyOptions {
  /** A is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored as [n, k]. */
  readonly transposeB?: boolean;
}

/** C = op(A)·op(B) with float64 sums, row-major: op(A) [m, k], op(B) [k, n], C [m, n]. Error per entry k·2⁻⁵³·|A||B|. */
export function multiply(
  m: number,
  n: number,
  k: number,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { transposeA = false, transposeB = false }: MultiplyOptions = {},
): Float64Array {
  const [atB, atC] = [m * k, m * k + k * n];
  return withDoubles(atC + m * n, (doubles) => {
    const { heap } = doubles;
    heap.set(a, 0);
    heap.set(b, atB);
    heap.fill(0, atC, atC + m * n);
    doubles.multiply({
      ...{ m, n, k, alpha: 1, a: 0, b: atB, c: atC, cRow: n },
      ...(transposeA ? { aRow: 1, aColumn: m } : { aRow: k, aColumn: 1 }),
      ...(transposeB ? { bRow: 1, bColumn: k } : { bRow: n, bColumn: 1 }),
    });
    return heap.slice(atC, atC + m * n);
  });
}

/** AᵀA [columns, columns] (or AAᵀ [rows, rows] with `ofRows`) of A [rows, columns], exactly symmetric, float64 sums. */
export function gram(
  a: ArrayLike<number>,
  rows: number,
  columns: number,
  { ofRows = false }: { readonly ofRows?: boolean } = {},
): Float64Array {
  const [n, k] = ofRows ? [rows, columns] : [columns, rows];
  return withDoubles(n * k + n * n, (doubles) => {
    const { heap } = doubles;
    const c = n * k;
    heap.set(a, 0);
    heap.fill(0, c, c + n * n);
    const across = { aRow: 1, aColumn: columns, bRow: columns, bColumn: 1 };
    const along = { aRow: columns, aColumn: 1, bRow: 1, bColumn: columns };
    const strides = ofRows ? along : across;
    doubles.multiply({ m: n, n, k, alpha: 1, a: 0, b: 0, c, cRow: n, upper: true, ...strides });
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) heap[c + i * n + j] = heap[c + j * n + i];
    return heap.slice(c, c + n * n);
  });
}

/** The first `count` columns of A [rows, columns]. */
export function leadingColumns(
  a: Float64Array,
  rows: number,
  columns: number,
  count: number,
): Float64Array {
  if (count === columns) return a;
  const out = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) out.set(a.subarray(i * columns, i * columns + count), i * count);
  return out;
}

/** C += α·A·B, all at positions of one heap, strides in elements: A [m, k], B [k, n], C [m, n]. */
export interface DoubleProduct {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: number;
  readonly aRow: number;
  readonly aColumn: number;
  readonly b: number;
  readonly bRow: number;
  readonly bColumn: number;
  readonly c: number;
  readonly cRow: number;
  /** Only tiles that touch the upper triangle of C. */
  readonly upper?: boolean;
}

/** C += α·A·B in plain TypeScript; with `upper`, the entries on and above the diagonal only. */
export function gemmDoubleOracle(heap: Float64Array, product: DoubleProduct): void {
  const { m, n, k, alpha, a, aRow, aColumn, b, bRow, bColumn, c, cRow, upper } = product;
  for (let i = 0; i < m; i++)
    for (let j = upper === true ? i : 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++)
        sum += heap[a + i * aRow + p * aColumn] * heap[b + p * bRow + j * bColumn];
      heap[c + i * cRow + j] += alpha * sum;
    }
}

/** y = A·x for symmetric A of which the upper half is read, in plain TypeScript. */
export function symvUpperOracle(
  heap: Float64Array,
  { a, stride, n, x, y }: Readonly<Record<'a' | 'stride' | 'n' | 'x' | 'y', number>>,
): void {
  heap.fill(0, y, y + n);
  for (let i = 0; i < n; i++) {
    const row = a + i * stride;
    let sum = heap[row + i] * heap[x + i];
    for (let j = i + 1; j < n; j++) {
      sum += heap[row + j] * heap[x + j];
      heap[y + j] += heap[row + j] * heap[x + i];
    }
    heap[y + i] += sum;
  }
}

/**
 * H += XᵀX with X [rows, columns] and H [columns, columns], both row-major; the upper half is
 * computed and mirrored, so H stays exactly symmetric.
 */
export function accumulateSecondMoments(
  h: Float32Array,
  x: Float32Array,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < columns; i++)
    for (let j = i; j < columns; j++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += x[r * columns + i] * x[r * columns + j];
      h[i * columns + j] += sum;
      h[j * columns + i] = h[i * columns + j];
    }
}

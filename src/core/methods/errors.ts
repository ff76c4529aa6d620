/**
 * Relative error of the layer's output: tr(D·H·Dᵀ) / tr(W·H·Wᵀ) with D = W − Ŵ and H = XᵀX, which is
 * ‖(W − Ŵ)Xᵀ‖² / ‖WXᵀ‖². W and Ŵ are [rows, columns], H [columns, columns]; sums in float64.
 * 0 when the output is 0 anyway.
 */
export function outputError(
  weight: Float32Array,
  decoded: Float32Array,
  secondMoments: Float32Array,
  columns: number,
): number {
  const difference = weight.map((w, i) => w - decoded[i]);
  const whole = quadraticForm(weight, secondMoments, columns);
  return whole === 0 ? 0 : quadraticForm(difference, secondMoments, columns) / whole;
}

/** Σ_r w_r·H·w_rᵀ over the rows of a matrix. H is symmetric: only its upper triangle is read. */
function quadraticForm(matrix: Float32Array, h: Float32Array, columns: number): number {
  let total = 0;
  for (let start = 0; start < matrix.length; start += columns) {
    const row = matrix.subarray(start, start + columns);
    for (let i = 0; i < columns; i++) {
      if (row[i] === 0) continue;
      let sum = 0.5 * row[i] * h[i * columns + i];
      for (let j = i + 1; j < columns; j++) sum += row[j] * h[i * columns + j];
      total += 2 * row[i] * sum;
    }
  }
  return Math.max(0, total);
}

/** Relative error of the weight alone: ‖W − Ŵ‖² / ‖W‖², sums in float64. 0 for a weight of zeros. */
export function weightError(weight: Float32Array, decoded: Float32Array): number {
  let difference = 0;
  let whole = 0;
  for (let i = 0; i < weight.length; i++) {
    difference += (weight[i] - decoded[i]) ** 2;
    whole += weight[i] ** 2;
  }
  return whole === 0 ? 0 : difference / whole;
}

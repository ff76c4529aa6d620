import { inverseFactor } from './gptq-oracle.ts';
import { factorWithDamping } from './gptq-problem.ts';
import type { QronosOptions, QronosProblem, Target } from './qronos-problem.ts';

/** W* with the inverse of H + λI written out, in float64: oracle of the solver over strips. */
export function targetOracle(
  weight: Float32Array,
  h: Float32Array,
  problem: QronosProblem,
  options: QronosOptions,
): Target {
  const { rows, columns: n, order, lacking } = problem;
  const inOrder = { ...problem, order: Uint32Array.from({ length: n }, (_, j) => j) };
  let inverse: Float64Array = new Float64Array(0);
  const damping = factorWithDamping(problem, options, (addend) => {
    const u = inverseFactor(h, inOrder, addend);
    if (typeof u === 'number') return u;
    inverse = inverseOf(u, n);
    return -1;
  });
  const values = Float32Array.from(weight);
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += lacking[r * n + i] * inverse[i * n + j];
      values[r * n + j] += sum;
    }
  const inverseRow = Float32Array.from(inverse.subarray(order[0] * n, (order[0] + 1) * n));
  return { values, inverseRow, damping };
}

/** H⁻¹ = UᵀU. */
function inverseOf(u: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (let i = k; i < n; i++)
      for (let j = k; j < n; j++) out[i * n + j] += u[k * n + i] * u[k * n + j];
  return out;
}

import { describe, expect, it } from 'vitest';
import { gemm } from '../kernels/gemm.ts';
import { secondMomentsOracle } from '../kernels/syrk.ts';
import { activations, gaussian } from '../kernels/testing.ts';
import { outputError, weightError } from './weight-error.ts';

interface Layer {
  readonly rows: number;
  readonly columns: number;
  readonly w: Float32Array;
  readonly decoded: Float32Array;
  readonly h: Float32Array;
  readonly x: Float32Array;
}

function layer(rows: number, columns: number, tokens: number): Layer {
  const w = gaussian(rows * columns, 1);
  const x = activations(tokens, columns, 2);
  const h = new Float32Array(columns * columns);
  secondMomentsOracle(h, x, tokens, columns);
  return { rows, columns, w, decoded: w.map((value) => Math.round(value * 4) / 4), h, x };
}

/** Σ_r |w_r|·|H|·|w_r|ᵀ, or without the bars; float64. */
function form({ columns, h }: Layer, matrix: Float32Array, of = (value: number) => value): number {
  let total = 0;
  for (let start = 0; start < matrix.length; start += columns)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++)
        total += of(matrix[start + i]) * of(h[i * columns + j]) * of(matrix[start + j]);
  return total;
}

function squaredOutput({ columns, x }: Layer, matrix: Float32Array): number {
  let sum = 0;
  for (let t = 0; t < x.length; t += columns)
    for (let r = 0; r < matrix.length; r += columns) {
      let y = 0;
      for (let c = 0; c < columns; c++) y += x[t + c] * matrix[r + c];
      sum += y * y;
    }
  return sum;
}

/** Bound of float32 sums over `columns` in runs of 256, as `gemm` states it, relative to the form. */
function roundings(made: Layer, matrix: Float32Array): number {
  const unit = (Math.min(made.columns, 256) + made.columns / 256 + 2) * 2 ** -24;
  return (unit * form(made, matrix, Math.abs)) / form(made, matrix);
}

describe('outputError', () => {
  const small = layer(4, 6, 9);

  it('is ‖(W−Ŵ)Xᵀ‖² / ‖WXᵀ‖² without forming either product', () => {
    const { w, decoded, h, columns } = small;
    const difference = w.map((value, i) => value - decoded[i]);
    const direct = squaredOutput(small, difference) / squaredOutput(small, w);
    expect(outputError(w, decoded, h, columns)).toBeCloseTo(direct, 6);
    expect(outputError(w, w, h, columns)).toBe(0);
    expect(outputError(w.slice().fill(0), decoded, new Float32Array(36), columns)).toBe(0);
  });

  it('is within float32 rounding of the same sums in float64', () => {
    const large = layer(20, 300, 400);
    const { w, decoded, h, columns } = large;
    const difference = w.map((value, i) => value - decoded[i]);
    const exact = form(large, difference) / form(large, w);
    const relative = Math.abs(outputError(w, decoded, h, columns) / exact - 1);
    expect(relative).toBeLessThan(1.01 * (roundings(large, difference) + roundings(large, w)));
  });

  it('is the product of the kernel summed up, whatever strips the rows are cut into', () => {
    const { rows, columns, w, decoded, h } = layer(1030, 70, 90);
    const summed = (matrix: Float32Array): number =>
      gemm(rows, columns, columns, matrix, h).reduce((sum, v, i) => sum + v * matrix[i], 0);
    const difference = w.map((value, i) => value - decoded[i]);
    expect(outputError(w, decoded, h, columns)).toBe(summed(difference) / summed(w));
  });
});

describe('weightError', () => {
  it('is ‖W−Ŵ‖² / ‖W‖²', () => {
    expect(weightError(Float32Array.of(3, 4), Float32Array.of(3, 3))).toBe(1 / 25);
    expect(weightError(new Float32Array(2), new Float32Array(2))).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { outputError, weightError } from './errors.ts';
import { randomFloats } from '../../../test/fixtures/methods/models.ts';

describe('layer errors', () => {
  const [rows, columns, tokens] = [4, 6, 9];
  const w = randomFloats(rows * columns, 1);
  const x = randomFloats(tokens * columns, 2);
  const decoded = w.map((value) => Math.round(value * 4) / 4);

  function secondMoments(): Float32Array {
    const h = new Float32Array(columns * columns);
    for (let t = 0; t < tokens; t++)
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < columns; j++)
          h[i * columns + j] += x[t * columns + i] * x[t * columns + j];
    return h;
  }

  function squaredOutput(matrix: Float32Array): number {
    let sum = 0;
    for (let t = 0; t < tokens; t++)
      for (let r = 0; r < rows; r++) {
        let y = 0;
        for (let c = 0; c < columns; c++) y += x[t * columns + c] * matrix[r * columns + c];
        sum += y * y;
      }
    return sum;
  }

  it('outputError is ‖(W−Ŵ)Xᵀ‖² / ‖WXᵀ‖² without forming either product', () => {
    const direct = squaredOutput(w.map((value, i) => value - decoded[i])) / squaredOutput(w);
    expect(outputError(w, decoded, secondMoments(), columns)).toBeCloseTo(direct, 6);
    expect(outputError(w, w, secondMoments(), columns)).toBe(0);
    expect(outputError(w.fill(0), decoded, new Float32Array(36), columns)).toBe(0);
  });

  it('weightError is ‖W−Ŵ‖² / ‖W‖²', () => {
    expect(weightError(Float32Array.of(3, 4), Float32Array.of(3, 3))).toBe(1 / 25);
    expect(weightError(new Float32Array(2), new Float32Array(2))).toBe(0);
  });
});

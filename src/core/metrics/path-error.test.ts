import { expect, it } from 'vitest';
import { gemm } from '../kernels/gemm.ts';
import { gaussian } from '../kernels/testing.ts';
import { pathErrors } from './path-error.ts';
import { outputError } from './weight-error.ts';

const [rows, columns, count] = [5, 12, 200];
const w = gaussian(rows * columns, 1);
const noise = gaussian(rows * columns, 2);
const decoded = w.map((value, i) => value + 0.05 * noise[i]);
const x = gaussian(count * columns, 3);
const drift = gaussian(count * columns, 4);
const compressed = x.map((value, i) => 0.97 * value + 0.1 * drift[i]);

const moments = (a: Float32Array, b: Float32Array) =>
  gemm(columns, columns, count, a, b, { transposeA: true });
const between = (other: Float32Array) => ({
  ...{ float: moments(x, x), cross: moments(x, other), compressed: moments(other, other) },
});

it('is the distance of the outputs themselves', () => {
  const output = (weight: Float32Array, rowsOf: Float32Array) =>
    gemm(count, rows, columns, rowsOf, weight, { transposeB: true });
  const [wanted, found] = [output(w, x), output(decoded, compressed)];
  const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  const distance = square(wanted.map((value, i) => value - found[i])) / square(wanted);
  expect(pathErrors(w, between(compressed), columns)(decoded) / distance).toBeCloseTo(1, 4);
});

it('is the output’s error where both paths are one, and not 0 for W where they are not', () => {
  const same = between(x);
  const own = outputError(w, decoded, same.float, columns);
  expect(pathErrors(w, same, columns)(decoded) / own).toBeCloseTo(1, 4);
  expect(pathErrors(w, between(compressed), columns)(w)).toBeGreaterThan(0.005);
  expect(pathErrors(new Float32Array(w.length), same, columns)(decoded)).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../random/seeded.ts';
import { createAccumulator } from './accumulator.ts';
import { statisticsKey } from './cache-key.ts';
import type { LayerStatistics } from './types.ts';
import { fewRowsWarning } from './warnings.ts';

function randomRows(rows: number, columns: number): Float32Array {
  const random = seededRandom(7, `${rows}x${columns}`);
  return Float32Array.from({ length: rows * columns }, () => normal(random));
}

/** Float64 reference, straight from the definitions. */
function reference(x: Float32Array, rows: number, columns: number) {
  const column = (j: number) => Array.from({ length: rows }, (_, r) => x[r * columns + j]);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, r) => sum + value * b[r], 0);
  const all = Array.from({ length: columns }, (_, j) => column(j));
  return {
    moments: all.flatMap((a) => all.map((b) => dot(a, b))),
    norms: all.map((a) => Math.sqrt(dot(a, a))),
    maxima: all.map((a) => Math.max(...a.map(Math.abs))),
  };
}

function collect(x: Float32Array, columns: number, cuts: readonly number[]): LayerStatistics {
  const accumulator = createAccumulator(columns, { secondMoments: true });
  let row = 0;
  for (const rows of cuts) {
    accumulator.add(x.subarray(row * columns, (row + rows) * columns), rows);
    row += rows;
  }
  return accumulator.finish();
}

describe('createAccumulator', () => {
  const [rows, columns] = [301, 13];
  const x = randomRows(rows, columns);

  it('gives the sums of the definition within float32 rounding', () => {
    const found = collect(x, columns, [rows]);
    const wanted = reference(x, rows, columns);
    const scale = Math.max(...wanted.norms) ** 2;
    // n additions in float32: at most n/2 half-ulps in the mean; 2⁻²⁴·rows bounds them all.
    const tolerance = scale * rows * 2 ** -24;
    found.secondMoments?.forEach((value, i) => {
      expect(Math.abs(value - wanted.moments[i])).toBeLessThan(tolerance);
    });
    wanted.norms.forEach((norm, j) => expect(found.channelNorms[j]).toBe(Math.fround(norm)));
    expect([...found.channelMaxima]).toEqual(wanted.maxima.map(Math.fround));
    expect([found.rows, found.columns]).toEqual([rows, columns]);
    expect([found.minimum, found.maximum]).toEqual([Math.min(...x), Math.max(...x)]);
  });

  it('does not depend on how the rows were cut into batches, to the bit', () => {
    const whole = collect(x, columns, [301]);
    const pieces = collect(x, columns, [1, 99, 0, 27, 1, 173]);
    expect(pieces).toEqual(whole);
  });

  it('leaves XᵀX out when nobody asked for it', () => {
    const accumulator = createAccumulator(columns, { secondMoments: false });
    accumulator.add(x, rows);
    expect(accumulator.finish()).not.toHaveProperty('secondMoments');
  });

  it('is all zeros, with a finite range, before any row', () => {
    const empty = createAccumulator(2, { secondMoments: true }).finish();
    expect(empty).toEqual({
      rows: 0,
      columns: 2,
      secondMoments: new Float32Array(4),
      channelNorms: new Float32Array(2),
      channelMaxima: new Float32Array(2),
      minimum: 0,
      maximum: 0,
    });
  });

  it('refuses an array of the wrong size', () => {
    const accumulator = createAccumulator(4, { secondMoments: false });
    expect(() => accumulator.add(new Float32Array(10), 3)).toThrow(
      "Captured activations hold 10 numbers, but 3 rows of 4 columns need 12; the captured value is not this layer's input.",
    );
  });

  it.each([NaN, Infinity])('refuses %d in words', (bad) => {
    const accumulator = createAccumulator(3, { secondMoments: false });
    accumulator.add(Float32Array.of(1, bad, 2), 1);
    expect(() => accumulator.finish()).toThrow(
      'The calibration data drives the input of this layer to NaN or infinity (first in channel 1 of 3); check the data, or use a float32 model.',
    );
  });
});

describe('fewRowsWarning', () => {
  it('speaks when rows < columns and only then', () => {
    expect(fewRowsWarning({ rows: 64, columns: 64 })).toBeUndefined();
    expect(fewRowsWarning({ rows: 63, columns: 64 })).toBe(
      'Calibration gave 63 rows for 64 columns, so the second moments cannot have full rank and damping decides the rest; use at least 64 tokens or examples.',
    );
  });
});

describe('statisticsKey', () => {
  const source = { modelSha256: 'aa', calibrationSha256: 'bb', samples: 8, length: 256 };

  it('names model, calibration, kind and layer', () => {
    expect(statisticsKey(source, 'w', { secondMoments: true, sequential: false })).toBe(
      'statistics/aa/bb/8x256/second-moments/w',
    );
    expect(statisticsKey(source, 'w', { secondMoments: false, sequential: false })).toBe(
      'statistics/aa/bb/8x256/channels/w',
    );
  });

  it('has no name for statistics that depend on the running method', () => {
    expect(statisticsKey(source, 'w', { secondMoments: true, sequential: true })).toBeUndefined();
  });
});

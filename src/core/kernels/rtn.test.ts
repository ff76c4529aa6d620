import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { packBlocks } from './pack.ts';
import { findGridsOracle, quantizeUniformOracle } from './rtn-oracle.ts';
import {
  dequantizeUniform,
  findGrids,
  quantizeBlocks4,
  quantizeTensor,
  quantizeUniform,
} from './rtn.ts';
import { differing, gaussian } from './testing.ts';
import type { Bits, Clip, Range, UniformOptions } from './uniform.ts';

const RANGES: Range[] = ['minmax', 'absmax', 'signed-max'];

/** Shapes with whole and broken vectors, groups and windows. */
const SHAPES = [
  { rows: 3, columns: 64, groupSize: 32 },
  { rows: 5, columns: 77, groupSize: 16 },
  { rows: 2, columns: 50, groupSize: 50 },
  { rows: 1, columns: 7, groupSize: 3 },
  { rows: 260, columns: 256, groupSize: 256 },
];

function cases(): (UniformOptions & { rows: number; columns: number; clip: Clip })[] {
  const out = [];
  for (const shape of SHAPES)
    for (const range of RANGES)
      for (const bits of [2, 3, 4, 8] as Bits[])
        for (const clip of (shape.rows > 5 ? ['none'] : ['none', 'mse']) as Clip[])
          out.push({ ...shape, range, bits, clip });
  return out;
}

describe('quantizeUniform', () => {
  it('the kernel equals the oracle bit for bit, for every width, range, clip and shape', () => {
    for (const options of cases()) {
      const values = gaussian(options.rows * options.columns, 3);
      values.fill(0, 0, 20);
      const args = [values, options.rows, options.columns, options] as const;
      const ours = quantizeUniform(...args);
      const oracle = quantizeUniformOracle(...args);
      expect(differing(ours.codes, oracle.codes), JSON.stringify(options)).toBe(0);
      expect(differing(ours.scales, oracle.scales)).toBe(0);
      expect(differing(ours.zeros ?? [], oracle.zeros ?? [])).toBe(0);
      expect(findGrids(...args)).toEqual(findGridsOracle(...args));
    }
  });

  it('every value is within half a step of its point, inside the grid', () => {
    for (const options of cases().filter((o) => o.clip === 'none' && o.range === 'minmax')) {
      const { rows, columns, groupSize } = options;
      const values = gaussian(rows * columns, 5);
      const encoded = quantizeUniform(values, rows, columns, options);
      const back = dequantizeUniform(encoded, rows, columns, options);
      const groups = Math.ceil(columns / groupSize);
      let worst = 0;
      for (let i = 0; i < values.length; i++) {
        const [r, c] = [Math.floor(i / columns), i % columns];
        const scale = encoded.scales[r * groups + Math.floor(c / groupSize)];
        worst = Math.max(worst, Math.abs(back[i] - values[i]) / scale);
      }
      // Half a step; at the ends one more half, because the zero point is rounded.
      expect(worst).toBeLessThanOrEqual(1 + 1e-5);
    }
  });

  it('signed-max takes the first of two equal magnitudes', () => {
    const values = new Float32Array(32).fill(0.1);
    values[9] = 1;
    values[20] = -1;
    const options = { bits: 4, groupSize: 32, range: 'signed-max' } as const;
    expect(quantizeUniform(values, 1, 32, options).scales[0]).toBe(-0.125);
    expect(
      quantizeUniform(
        values.map((v) => -v),
        1,
        32,
        options,
      ).scales[0],
    ).toBe(0.125);
  });

  it('values on the grid come back exactly', () => {
    const grid = Float32Array.from({ length: 64 }, (_, i) => ((i % 16) - 8) * 0.25);
    const options = { bits: 4, groupSize: 32, range: 'signed-max' } as const;
    expect(dequantizeUniform(quantizeUniform(grid, 2, 32, options), 2, 32, options)).toEqual(grid);
  });

  it('the clip search never makes the error it minimises larger', () => {
    const values = gaussian(4 * 256, 11);
    values[17] *= 8;
    const error = (clip: Clip): number => {
      const options = { bits: 3, groupSize: 256, range: 'minmax', clip } as const;
      const back = dequantizeUniform(quantizeUniform(values, 4, 256, options), 4, 256, options);
      return back.reduce((sum, v, i) => sum + Math.abs(v - values[i]) ** 2.4, 0);
    };
    expect(error('mse')).toBeLessThan(error('none'));
  });

  it('one grid for the whole tensor', () => {
    const values = gaussian(1000, 2);
    const encoded = quantizeTensor(values, { bits: 8, range: 'absmax' });
    expect(encoded.scales.length).toBe(1);
    expect(encoded.codes.length).toBe(1000);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s', (bad) => {
    const values = gaussian(128, 1);
    values[70] = bad;
    for (const range of RANGES) {
      const run = (): unknown => quantizeUniform(values, 2, 64, { bits: 4, groupSize: 32, range });
      expect(run).toThrow(LatheError);
      expect(run).toThrow(
        'Group 2 of this weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
      );
    }
  });
});

describe('quantizeBlocks4', () => {
  it.each(RANGES)('%s: equals quantizeUniform and packBlocks bit for bit', (range) => {
    for (const [rows, columns, blockSize] of [
      [7, 96, 32],
      [300, 512, 16],
      [3, 256, 128],
    ]) {
      const values = gaussian(rows * columns, 9);
      const fused = quantizeBlocks4(values, rows, columns, blockSize, range);
      const plain = quantizeUniformOracle(values, rows, columns, {
        bits: 4,
        groupSize: blockSize,
        range,
      });
      expect(fused?.packed).toEqual(packBlocks(plain.codes, rows, columns, blockSize, 4));
      expect(fused?.scales).toEqual(plain.scales);
      expect(fused?.zeros).toEqual(plain.zeros);
    }
  });

  it('is not offered where blocks do not divide rows', () => {
    expect(quantizeBlocks4(new Float32Array(50), 1, 50, 32, 'minmax')).toBeUndefined();
  });
});

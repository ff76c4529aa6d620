import { describe, expect, it } from 'vitest';
import { gptqOracle } from './gptq-oracle.ts';
import { gptq, type GptqOptions } from './gptq.ts';
import { findGrids } from './rtn.ts';
import type { FindGrid, ReachedGroup } from './sweep-grids.ts';
import { secondMomentsOracle } from './syrk.ts';
import { activations, differing, gaussian } from './testing.ts';

const [rows, columns, groupSize] = [9, 160, 32];
const w = gaussian(rows * columns, 3);
const h = new Float32Array(columns * columns);
secondMomentsOracle(h, activations(400, columns, 4), 400, columns);
const base = { bits: 3, groupSize, range: 'signed-max' } as const;

const solve = (options: Partial<GptqOptions>, by = gptq) =>
  by(w, rows, columns, h, { ...base, ...options });

const laid: FindGrid = ({ values, columns: { length } }) =>
  findGrids(values, rows, length, { ...base, groupSize: length });

describe('grids given to a sweep', () => {
  it('are what it would find itself, when they are found in the same way', () => {
    for (const order of ['columns', 'blocks'] as const) {
      // The paper looks at W as its block of 128 columns begins, unless blocks are groups.
      const given = solve({ order, grids: laid });
      const own = solve({ order, blockSize: groupSize });
      expect(differing(given.codes, own.codes)).toBe(0);
      const late = solve({ order, grids: laid, blockSize: 128 });
      expect(differing(late.codes, solve({ order }).codes)).toBe(0);
      expect(differing(late.codes, given.codes)).toBeGreaterThan(0);
    }
    const fixed = findGrids(w, rows, columns, base);
    const given = solve({ grids: fixed });
    expect(differing(given.codes, solve({ staticGroups: true }).codes)).toBe(0);
  });

  it('are asked for once for each group, with what is to be rounded there', () => {
    const asked: ReachedGroup[] = [];
    const grids: FindGrid = (reached) => {
      asked.push(reached);
      return laid(reached);
    };
    solve({ order: 'blocks', grids });
    expect(asked.map(({ group }) => group).sort()).toEqual([0, 1, 2, 3, 4]);
    for (const { group, columns: own, values, pivots } of asked) {
      expect(new Set(own.map((c) => Math.floor(c / groupSize)))).toEqual(new Set([group]));
      expect([values.length, pivots.length]).toEqual([rows * groupSize, groupSize]);
    }
    // Nothing lies before the first group: it is W itself. The last column's error costs H_jj e².
    const [first, last] = [asked[0], asked[asked.length - 1]];
    expect(first.values[0]).toBe(w[first.columns[0]]);
    expect(last.values[0]).not.toBe(w[last.columns[0]]);
    const end = last.columns[groupSize - 1];
    const damped = h[end * (columns + 1)] + 0.01 * meanDiagonal();
    expect(last.pivots[groupSize - 1] ** -2 / damped).toBeCloseTo(1, 4);
  });

  it.each(['columns', 'blocks'] as const)('may have zeros of any kind: %s', (order) => {
    const grids: FindGrid = ({ values }) => {
      const scales = new Float32Array(rows);
      const zeros = new Float32Array(rows);
      for (let r = 0; r < rows; r++) {
        const own = values.subarray(r * groupSize, (r + 1) * groupSize);
        scales[r] = (Math.max(...own) - Math.min(...own)) / 7;
        zeros[r] = -Math.min(...own) / scales[r];
      }
      return { scales, zeros };
    };
    const [ours, reference] = [gptq, gptqOracle].map((by) => solve({ order, grids }, by));
    expect(differing(ours.codes, reference.codes) / ours.codes.length).toBeLessThanOrEqual(0.002);
    expect(ours.zeros).toBeInstanceOf(Float32Array);
    ours.quantized.forEach((value, i) => {
      const at = Math.floor(i / columns) * 5 + Math.floor((i % columns) / groupSize);
      const zero = ours.zeros?.[at] ?? NaN;
      expect(value).toBeCloseTo(ours.scales[at] * (ours.codes[i] - zero), 6);
    });
  });
});

function meanDiagonal(): number {
  return w.slice(0, columns).reduce((sum, _, j) => sum + h[j * (columns + 1)], 0) / columns;
}

import { describe, expect, it } from 'vitest';
import { activations, momentsOf } from '../../../test/fixtures/methods/statistics.ts';
import { seeded } from '../../../test/fixtures/methods/models.ts';
import type { GridLevels } from './grid-levels.ts';
import { outputGrids } from './output-grids.ts';
import { gptq } from './gptq.ts';
import { refine, type RefinedCodes } from './refine.ts';
import { quantizeUniform } from './rtn.ts';
import type { Bits } from './uniform.ts';

const [rows, columns] = [10, 72];
const next = seeded(3);
const weight = Float32Array.from({ length: rows * columns }, () => next() - next());
const h = momentsOf(activations(300, columns, 9), columns).values;

function levels(bits: Bits, groupSize: number, more: Partial<GridLevels> = {}): GridLevels {
  const zeros = Float32Array.from({ length: 2 ** bits }, (_, code) => code);
  return { bits, groupSize, scales: () => undefined, float: Math.fround, zeros, ...more };
}

/** tr (W − Ŵ)(H + λI)(W − Ŵ)ᵀ in float64. */
function lossOf(
  { codes, scales, zeros }: RefinedCodes,
  groupSize: number,
  damping: number,
): number {
  const groups = Math.ceil(columns / groupSize);
  let mean = 0;
  for (let j = 0; j < columns; j++) mean += h[j * (columns + 1)] / columns;
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    const e = Float64Array.from({ length: columns }, (_, c) => {
      const at = r * groups + Math.floor(c / groupSize);
      return weight[r * columns + c] - scales[at] * (codes[r * columns + c] - zeros[at]);
    });
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) {
        loss += e[i] * e[j] * (h[i * columns + j] + (i === j ? damping * mean : 0));
      }
  }
  return loss;
}

function rounded(bits: Bits, groupSize: number): RefinedCodes {
  const found = quantizeUniform(weight, rows, columns, { bits, groupSize, range: 'minmax' });
  return { ...found, zeros: found.zeros ?? new Uint8Array(0) };
}

const CASES = ([2, 3, 4] as const).flatMap((bits) =>
  [16, 72].map((groupSize) => ({ bits, groupSize })),
);

describe('refine', () => {
  it.each(CASES)('never makes the error rise, round by round: $bits $groupSize', (grid) => {
    const { bits, groupSize } = grid;
    let found = rounded(bits, groupSize);
    let before = lossOf(found, groupSize, 0.01);
    const start = before;
    for (let round = 0; round < 6; round++) {
      const options = { ...levels(bits, groupSize), rounds: 1, damping: 0.01 };
      found = refine(weight, rows, columns, h, found, options);
      const after = lossOf(found, groupSize, 0.01);
      // What one float32 sum of 72 products may be off, squared with the row.
      expect(after).toBeLessThanOrEqual(before * (1 + 1e-6));
      before = after;
    }
    expect(before).toBeLessThan(0.9 * start);
  });

  it('several rounds at once are the rounds one by one', () => {
    const options = { ...levels(3, 16), damping: 0.01 };
    const once = refine(weight, rows, columns, h, rounded(3, 16), { ...options, rounds: 3 });
    let found = rounded(3, 16);
    for (let i = 0; i < 3; i++)
      found = refine(weight, rows, columns, h, found, { ...options, rounds: 1 });
    const [a, b] = [once, found].map((one) => lossOf(one, 16, 0.01));
    expect(Math.abs(a - b)).toBeLessThan(1e-2 * a);
  });

  it('keeps to scales and zeros that can be stored', () => {
    const shares = Float32Array.from({ length: 8 }, (_, k) => 0.1 + k / 16);
    const halves = Float32Array.from({ length: 16 }, (_, k) => k / 2);
    const options = levels(3, 16, { scales: () => shares, zeros: halves });
    const start = rounded(3, 16);
    const found = refine(
      ...([weight, rows, columns, h] as const),
      {
        ...start,
        scales: start.scales.map(() => shares[3]),
        zeros: Float32Array.from(start.zeros),
      },
      { ...options, rounds: 5, damping: 0.01 },
    );
    for (const scale of found.scales) expect(shares).toContain(scale);
    for (const zero of found.zeros) expect(halves).toContain(zero);
    expect(new Set(found.scales).size).toBeGreaterThan(2);
    expect(new Set(found.zeros).size).toBeGreaterThan(2);
  });

  it('changes nothing where nothing can be better', () => {
    const found = rounded(8, 16);
    const exact = found.codes.map((code) => code);
    const w = weight.map((_, i) => {
      const at = Math.floor(i / columns) * 5 + Math.floor((i % columns) / 16);
      return found.scales[at] * (exact[i] - found.zeros[at]);
    });
    const options = { ...levels(8, 16), rounds: 3, damping: 0.01 };
    expect(refine(w, rows, columns, h, found, options)).toEqual({ ...found, codes: exact });
  });
});

describe('grids by their error on the output', () => {
  it('make a sweep’s error smaller than those laid over the values', () => {
    const grid = { bits: 3, groupSize: 16, range: 'minmax', blockSize: 16 } as const;
    const error = (grids: Parameters<typeof gptq>[4]['grids']): number => {
      const found = gptq(weight, rows, columns, h, { ...grid, ...(grids && { grids }) });
      return lossOf({ ...found, zeros: found.zeros ?? new Uint8Array(0) }, 16, 0);
    };
    const groups = Math.ceil(columns / 16);
    expect(error(outputGrids(rows, groups, levels(3, 16)))).toBeLessThan(0.9 * error(undefined));
  });

  it('of symmetric grids take the sign that has a code more on the heavier side', () => {
    const find = outputGrids(1, 1, levels(3, 4, { zeros: undefined }));
    const reached = (values: number[]) => ({
      group: 0,
      columns: Uint32Array.of(0, 1, 2, 3),
      values: Float32Array.from(values),
      pivots: Float32Array.of(1, 1, 1, 1),
    });
    const heavy = [-4, 1, 2, 3];
    expect(find(reached(heavy)).scales[0]).toBeCloseTo(1, 1);
    expect(find(reached(heavy.map((v) => -v))).scales[0]).toBeCloseTo(-1, 1);
  });
});

import { describe, expect, it } from 'vitest';
import { clipCases, passRule, toBfloat16 } from '../../../test/golden/clip.ts';
import { columns, relativeOutputError, rows, vector } from '../../../test/golden/load.ts';
import { exactClip, octavClip, type ClipGroup } from './closed-clip.ts';
import { findGridsOracle } from './rtn-oracle.ts';
import { dequantizeUniform, findGrids, quantizeUniform } from './rtn.ts';
import { differing, gaussian } from './testing.ts';
import type { Clip, Range, UniformOptions } from './uniform.ts';

const W = vector('W');

/** m_j = Σ x_j² of set A. */
function squares(): Float32Array {
  const x = vector('X');
  const sums = new Float64Array(columns);
  x.forEach((value, i) => (sums[i % columns] += value * value));
  return Float32Array.from(sums);
}

/** Ŵ on ai-edge-quantizer's grid: codes −2^(b−1) … 2^(b−1)−1, scale = c / (2^(b−1) − 1). */
function onNarrowGrid(bits: number, groupSize: number, clip: (group: ClipGroup) => number) {
  const [least, most] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const scales: number[] = [];
  const values = new Float32Array(W.length);
  for (let start = 0; start < W.length; start += groupSize) {
    const c = clip({ values: W, start, end: start + groupSize, middle: 0 });
    const scale = groupSize < columns ? toBfloat16(c / most) : c / most;
    scales.push(scale);
    for (let i = start; i < start + groupSize; i++) {
      values[i] = scale * Math.min(most, Math.max(least, Math.round(W[i] / scale)));
    }
  }
  return { values, scales };
}

/** The breakpoint scan of the published code: each segment's minimum, and the best of all. */
function scanned({ values, start, end, importance }: ClipGroup, steps: number): number {
  const group = Array.from(values.subarray(start, end), (w, i) => {
    return { a: Math.abs(w), m: importance?.[i] ?? 1 };
  }).sort((p, q) => q.a - p.a);
  const mass = group.reduce((sum, { m }) => sum + m, 0);
  const error = (c: number): number =>
    group.reduce(
      (e, { a, m }) => e + Math.max(a - c, 0) ** 2 * m,
      (c * c * mass) / (12 * steps * steps),
    );
  const candidates = group.map((_, k) => {
    const cut = group.slice(0, k + 1);
    const top = 2 * cut.reduce((sum, { a, m }) => sum + a * m, 0);
    const c = top / (mass / (6 * steps * steps) + 2 * cut.reduce((sum, { m }) => sum + m, 0));
    return Math.min(group[k].a, Math.max(group[k + 1]?.a ?? 0, c));
  });
  return [group[0].a, ...candidates].reduce((best, c) => (error(c) < error(best) ? c : best));
}

describe('the exact clip', () => {
  it('is the minimum that a scan of all breakpoints finds, with weights and without', () => {
    const values = gaussian(40 * 32, 3).map((v, i) => (i % 11 === 0 ? v * 4 : v));
    const importance = gaussian(32, 5).map((v) => v * v + 0.01);
    for (let start = 0; start < values.length; start += 32) {
      for (const steps of [1, 3, 7]) {
        for (const weights of [undefined, importance]) {
          const group = { values, start, end: start + 32, middle: 0, importance: weights };
          const c = exactClip(group, { steps, above: 1, below: 1 });
          expect(Math.abs(c / scanned(group, steps) - 1)).toBeLessThan(1e-9);
        }
      }
    }
  });

  it('of a group of zeros, or of columns that count nothing, is 0', () => {
    const zeros = { values: new Float32Array(8), start: 0, end: 8, middle: 0 };
    expect(exactClip(zeros, { steps: 7, above: 1, below: 1 })).toBe(0);
    const dead = { ...zeros, values: gaussian(8, 1), importance: new Float32Array(8) };
    expect(exactClip(dead, { steps: 7, above: 1, below: 1 })).toBe(0);
    expect(octavClip(zeros, 4)).toBe(0);
  });
});

describe.each(clipCases('exactclip'))('$name', ({ name, bits, groupSize, ...golden }) => {
  it('the closed form on the grid of the reference', () => {
    const steps = 2 ** (bits - 1) - 1;
    const { values } = onNarrowGrid(bits, groupSize, (group) =>
      exactClip(group, { steps, above: 1, below: 1 }),
    );
    judge(values, name, golden);
  });
});

describe.each(clipCases('oscar_clip'))('$name', ({ name, bits, groupSize, ...golden }) => {
  it('the closed form, weighted by the mean squares of the inputs', () => {
    const [steps, m] = [2 ** (bits - 1) - 1, squares()];
    const { values, scales } = onNarrowGrid(bits, groupSize, (group) => {
      const first = group.start % columns;
      const importance = m.subarray(first, first + groupSize);
      return exactClip({ ...group, importance }, { steps, above: 1, below: 1 });
    });
    judge(values, name, golden);
    const clips = vector(`${name}_clip`);
    // A scale is the clip over the steps, rounded to bfloat16 (8 bits) for blocks.
    scales.forEach((scale, i) => {
      expect(Math.abs((scale * steps) / clips[i] - 1)).toBeLessThan(2 ** -8);
    });
  });
});

describe.each(clipCases('octav'))('$name', ({ name, bits, groupSize, ...golden }) => {
  it("OCTAV's Newton steps on the grid of the reference", () => {
    const { values, scales } = onNarrowGrid(bits, groupSize, (group) => octavClip(group, bits));
    judge(values, name, golden);
    const expected = vector(`${name}_qscale`);
    // One unit of bfloat16 where a rounding falls the other way, float32 sums per row.
    const unit = groupSize < columns ? 2 ** -7 : 1e-5;
    scales.forEach((scale, i) =>
      expect(Math.abs(scale / expected[i] - 1)).toBeLessThanOrEqual(unit),
    );
  });
});

describe.each(clipCases('optrtn'))('$name', ({ name, bits, groupSize, ...golden }) => {
  it('the scale search of the reference', () => {
    const importance = name.includes('imatrix') ? squares() : undefined;
    const options = { bits, groupSize, range: 'signed-max', clip: 'search', importance } as const;
    const codes = quantizeUniform(W, rows, columns, options);
    judge(dequantizeUniform(codes, rows, columns, options), name, golden);
    if (!golden.vectors.includes(`${name}_qscale`)) return;
    const expected = vector(`${name}_qscale`);
    const near = codes.scales.filter((s, i) => Math.abs(s / expected[i] - 1) < 1e-6).length;
    expect(near / expected.length).toBeGreaterThanOrEqual(0.999);
  });
});

/** The manifest's rule; of cases without Ŵ the output error alone. */
function judge(
  values: Float32Array,
  name: string,
  golden: { readonly vectors: readonly string[]; readonly relativeOutputError: number },
): void {
  if (!golden.vectors.includes(name)) {
    const off = relativeOutputError(W, values) / golden.relativeOutputError - 1;
    expect(Math.abs(off)).toBeLessThan(0.005);
    return;
  }
  const { near, off } = passRule(W, values, name);
  expect(near).toBeGreaterThanOrEqual(0.999);
  expect(off).toBeLessThan(0.005);
}

describe('clips of all ranges', () => {
  const ranges: Range[] = ['minmax', 'absmax', 'signed-max'];
  const clips: Clip[] = ['mse', 'exact', 'octav', 'search'];
  const heavy = gaussian(6 * 150, 7).map((v, i) => (i % 37 === 0 ? v * 5 : v));
  const importance = gaussian(150, 9).map((v) => v * v);
  const cases = ranges.flatMap((range) => clips.map((clip) => ({ range, clip })));

  it.each(cases)('$range $clip: kernel and oracle agree bit for bit', ({ range, clip }) => {
    for (const bits of [2, 3, 4, 8] as const) {
      for (const weights of [undefined, importance]) {
        for (const groupSize of [32, 50, 150]) {
          const options: UniformOptions = { bits, range, clip, groupSize, importance: weights };
          const ours = findGrids(heavy, 6, 150, options);
          const oracle = findGridsOracle(heavy, 6, 150, options);
          expect(differing(ours.scales, oracle.scales)).toBe(0);
          expect(differing(ours.zeros, oracle.zeros)).toBe(0);
        }
      }
    }
  });

  it.each(cases.filter(({ clip }) => clip !== 'mse'))(
    '$range $clip: never a larger squared error than no clip, and a smaller one on heavy tails',
    ({ range, clip }) => {
      for (const bits of [2, 3, 4] as const) {
        const error = (own: Clip): number => {
          const options = { bits, range, clip: own, groupSize: 50 } as const;
          const codes = quantizeUniform(heavy, 6, 150, options);
          return dequantizeUniform(codes, 6, 150, options).reduce(
            (sum, v, i) => sum + (v - heavy[i]) ** 2,
            0,
          );
        };
        expect(error(clip)).toBeLessThan(error('none'));
      }
    },
  );

  it.each(['exact', 'octav', 'search'] as const)('%s: refuses what is not finite', (clip) => {
    const values = gaussian(64, 1);
    values[40] = NaN;
    for (const range of ranges) {
      const run = (): unknown =>
        quantizeUniform(values, 1, 64, { bits: 4, groupSize: 32, range, clip });
      expect(run).toThrow(
        'Group 1 of this weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
      );
    }
  });
});

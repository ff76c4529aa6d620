import { describe, expect, it } from 'vitest';
import { clipCases, passRule } from '../../../../../test/golden/clip.ts';
import {
  columns,
  relativeOutputError,
  rows,
  tokens,
  vector,
} from '../../../../../test/golden/load.ts';
import { momentsOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { clamped, searchClips } from './clip-search.ts';
import { RATIOS, scalesAt, searchRatio, type Quantize } from './scale-search.ts';

const W = vector('W');
const X = vector('X');
const h = momentsOf(X, columns).values;
const magnitudes = Float64Array.from({ length: columns }, (_, j) => {
  let sum = 0;
  for (let i = j; i < X.length; i += columns) sum += Math.abs(X[i]);
  return sum / tokens;
});

/** llm-awq's grid: [min, max] without 0 put into it, float32. */
function awqGrid(bits: number, groupSize: number): Quantize {
  const f = Math.fround;
  const top = 2 ** bits - 1;
  return (w) => {
    const out = new Float32Array(w.length);
    for (let start = 0; start < w.length; start += groupSize) {
      const group = w.subarray(start, start + groupSize);
      const [low, high] = [Math.min(...group), Math.max(...group)];
      const scale = f(f(Math.max(f(high - low), 1e-5)) / top);
      const zero = Math.min(top, Math.max(0, -even(f(low / scale))));
      group.forEach((value, i) => {
        const code = Math.min(top, Math.max(0, even(f(value / scale)) + zero));
        out[start + i] = f((code - zero) * scale);
      });
    }
    return out;
  };
}

function even(x: number): number {
  return x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;
}

const cases = clipCases('awq_');

describe.each(cases.filter(({ name }) => /^awq_\db/.test(name)))(
  '$name',
  ({ name, bits, groupSize, ratio = NaN, losses = [] }) => {
    const quantize = awqGrid(bits, groupSize);
    const problem = { w: W, columns, magnitudes, h };
    const found = searchRatio(problem, quantize);
    const s = scalesAt(magnitudes, found.ratio);

    it('the ratio and all losses of the reference', () => {
      expect(found.ratio).toBeCloseTo(ratio, 10);
      expect(RATIOS.length).toBe(losses.length);
      found.losses.forEach((loss, i) => {
        // The reference sums outputs in float32, one code of thousands may round the other way.
        expect(Math.abs(loss / (tokens * rows) / losses[i] - 1)).toBeLessThan(1e-3);
      });
      const expected = vector(`${name}_scales`);
      s.forEach((value, j) => expect(Math.abs(value / expected[j] - 1)).toBeLessThan(1e-5));
    });

    it('Ŵ of the reference', () => {
      const q = quantize(W.map((w, i) => w * s[i % columns]));
      const { near, off } = passRule(
        W,
        q.map((v, i) => v / s[i % columns]),
        name,
      );
      expect(near).toBeGreaterThanOrEqual(0.999);
      expect(off).toBeLessThan(0.005);
    });
  },
);

describe.each(cases.filter(({ name }) => name.includes('clip')))(
  '$name',
  ({ name, bits, groupSize, ratio, vectors, relativeOutputError: wanted }) => {
    it('the clips and Ŵ of the reference', () => {
      // Its own scales, which are ours to 1e-5: a last bit of them moves codes, and with them near ties of clips.
      const s =
        ratio === undefined
          ? new Float32Array(columns).fill(1)
          : vector(`${name.replace('_scale_clip', '')}_scales`);
      const w = W.map((value, i) => value * s[i % columns]);
      const divided = momentsOf(
        X.map((x, i) => x / s[i % columns]),
        columns,
      ).values;
      const quantize = awqGrid(bits, groupSize);
      const problem = { w, columns, groupSize, h: divided };
      const clips = searchClips(problem, quantize);
      const expected = vector(`${name}_clipmax`);
      const same = clips.filter((c, i) => Math.abs(c / expected[i] - 1) < 1e-5).length;
      // Two clips of one error tell apart by the last bits of a sum.
      expect(same / expected.length).toBeGreaterThanOrEqual(0.995);
      const q = quantize(clamped(problem, clips)).map((v, i) => v / s[i % columns]);
      if (vectors.includes(name)) {
        const { near, off } = passRule(W, q, name);
        expect(near).toBeGreaterThanOrEqual(0.999);
        expect(off).toBeLessThan(0.005);
      } else expect(Math.abs(relativeOutputError(W, q) / wanted - 1)).toBeLessThan(0.005);
    });
  },
);

describe('scales of channels', () => {
  it('a dead channel gets the least, and all are finite', () => {
    const s = scalesAt([0, 1, 2, 4], 0.5);
    expect(s.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    expect(s[0]).toBe(Math.min(...s));
    expect(scalesAt([0, 0, 0], 0.5)).toEqual(new Float64Array(3).fill(1));
  });

  it('alpha 0 scales nothing', () => {
    expect(scalesAt([0.1, 5, 3], 0)).toEqual(new Float64Array(3).fill(1));
  });
});

import { describe, expect, it } from 'vitest';
import { clipCases, passRule, toBfloat16 } from '../../../../../test/golden/clip.ts';
import { columns, rows, vector } from '../../../../../test/golden/load.ts';
import { exactClip } from '../../../kernels/closed-clip.ts';
import { channelScales, scaleLoss } from './channel-scales.ts';

const W = vector('W');

/** m_j = mean x_j² of set A. */
function squares(): Float64Array {
  const x = vector('X');
  const sums = new Float64Array(columns);
  x.forEach((value, i) => (sums[i % columns] += value * value));
  return sums.map((sum) => (sum * columns) / x.length);
}

const golden = clipCases('oscar_').filter(({ name }) => !name.startsWith('oscar_clip'));

describe.each(golden)('$name', ({ name, bits, groupSize, gain = NaN }) => {
  const m = squares();
  const grouped = { w: W, columns, groupSize };
  const s = channelScales(grouped, m);

  it('scales of the reference, and what they gain', () => {
    const expected = vector(`${name}_s`);
    s.forEach((value, j) => expect(Math.abs(value / expected[j] - 1)).toBeLessThan(1e-5));
    const gained = scaleLoss(grouped, m) / scaleLoss(grouped, m, s);
    // Dead channels, which the reference floors before it adds up, are not in this set.
    expect(Math.abs(gained / gain - 1)).toBeLessThan(1e-5);
  });

  it('Ŵ of the reference on its grid', () => {
    const [least, most] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
    const scaled = W.map((w, i) => w * s[i % columns]);
    const importance = Float32Array.from(m, (each, j) => each / s[j] ** 2);
    const values = new Float32Array(W.length);
    for (let r = 0; r < rows; r++) {
      for (let first = 0; first < columns; first += groupSize) {
        const start = r * columns + first;
        const end = start + groupSize;
        const own = importance.subarray(first, first + groupSize);
        const group = { values: scaled, start, end, middle: 0, importance: own };
        const c = exactClip(group, { steps: most, above: 1, below: 1 });
        const scale = groupSize < columns ? toBfloat16(c / most) : c / most;
        for (let i = start; i < end; i++) {
          const code = Math.min(most, Math.max(least, Math.round(scaled[i] / scale)));
          values[i] = (scale * code) / s[i % columns];
        }
      }
    }
    const { near, off } = passRule(W, values, name);
    expect(near).toBeGreaterThanOrEqual(0.999);
    expect(off).toBeLessThan(0.005);
  });
});

describe('scales of channels', () => {
  const w = Float32Array.from({ length: 12 * 40 }, (_, i) => Math.sin(1.3 * i) + 0.2);

  it('are ones where every channel is as active as it is heavy', () => {
    const even = new Float32Array(8 * 16).fill(1);
    const s = channelScales({ w: even, columns: 16, groupSize: 16 }, new Float64Array(16).fill(3));
    for (const value of s) expect(value).toBeCloseTo(1, 6);
  });

  it('never make the objective larger, and are positive for dead and constant channels', () => {
    const m = Float64Array.from({ length: 40 }, (_, j) => (j % 5 === 0 ? 0 : 10 ** (j % 7)));
    const dead = w.map((value, i) => (i % 40 === 3 ? 0 : value));
    const grouped = { w: dead, columns: 40, groupSize: 16 };
    const s = channelScales(grouped, m);
    expect(s.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    const floor = m.map((each) => Math.max(each, 1e-8 * 1e6));
    expect(scaleLoss(grouped, floor, s)).toBeLessThanOrEqual(scaleLoss(grouped, floor));
    const nothing = channelScales(grouped, new Float64Array(40));
    expect(nothing.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });
});

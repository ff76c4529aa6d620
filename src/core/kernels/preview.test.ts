import { afterEach, describe, expect, it } from 'vitest';
import { releaseKernels } from './load.ts';
import { previewDenseOracle, previewUniformOracle, type Frame } from './preview-oracle.ts';
import { PreviewWeight, type Compared, type Pictured, type UniformPreview } from './preview.ts';
import { differing, gaussian } from './testing.ts';
import type { Bits, Range } from './uniform.ts';

afterEach(releaseKernels);

/** Whole and broken vectors, groups and cells; groups longer than one partial sum. */
const SHAPES = [
  { rows: 64, columns: 64, groupSize: 32, cells: 16 },
  { rows: 37, columns: 77, groupSize: 16, cells: 10 },
  { rows: 3, columns: 3001, groupSize: 3001, cells: 128 },
  { rows: 1, columns: 5, groupSize: 3, cells: 128 },
];

function frameOf(rows: number, columns: number, cells: number, values: Float32Array): Frame {
  const heat = { heatRows: Math.min(rows, cells), heatColumns: Math.min(columns, cells) };
  const range = { minimum: Math.min(...values), maximum: Math.max(...values) };
  return { rows, columns, ...heat, ...range, bins: 50 };
}

/** Counts and heat exactly. */
function expectEqual(ours: Pictured, oracle: Pictured, what: string): void {
  expect(differing(ours.heat, oracle.heat), what).toBe(0);
  expect(differing(ours.histogram, oracle.histogram), what).toBe(0);
  expectSame(ours, oracle, what);
}

/** Zeros exactly; the error to what float32 partial sums of 1024 terms can lose. */
function expectSame(ours: Compared, oracle: Compared, what: string): void {
  expect(ours.zeros, what).toBe(oracle.zeros);
  const tolerance = 1e-5 * oracle.squaredError;
  expect(Math.abs(ours.squaredError - oracle.squaredError), what).toBeLessThanOrEqual(tolerance);
}

function layer(shape: (typeof SHAPES)[number], seed: number): { w: Float32Array; frame: Frame } {
  const { rows, columns, cells } = shape;
  const w = gaussian(rows * columns, seed).map((v) => 0.05 * v);
  w.fill(0, 0, 40);
  return { w, frame: frameOf(rows, columns, cells, w) };
}

describe('PreviewWeight', () => {
  it('quantizes and compares in one pass what the oracle does in steps', () => {
    for (const shape of SHAPES) {
      const { w, frame } = layer(shape, 7);
      const weight = new PreviewWeight(w, frame);
      for (const range of ['minmax', 'absmax', 'signed-max'] satisfies Range[])
        for (const bits of [2, 3, 4, 8] satisfies Bits[])
          for (const more of [{}, { clip: 'mse' }, { wholeTensor: true }] as const) {
            const options = { bits, range, groupSize: shape.groupSize, ...more };
            const ours = weight.uniform(options);
            const oracle = previewUniformOracle(w, options, frame);
            expectSame(ours, oracle, JSON.stringify({ shape, options }));
            expect([ours.scale, ours.zero]).toEqual([oracle.scale, oracle.zero]);
            expect(ours.foundScale).toBe(oracle.foundScale);
          }
    }
  });

  it('shows what the file keeps when scales are stored in less than float32', () => {
    const { w, frame } = layer(SHAPES[0], 3);
    const store = (scales: Float32Array): Float32Array =>
      scales.map((scale) => Math.round(scale * 256) / 256);
    for (const wholeTensor of [false, true]) {
      const options: UniformPreview = {
        bits: 4,
        range: 'signed-max',
        groupSize: 32,
        store,
        wholeTensor,
      };
      const ours = new PreviewWeight(w, frame).uniform(options);
      expectSame(ours, previewUniformOracle(w, options, frame), 'stored scales');
      expect((ours.scale * 256) % 1).toBe(0);
    }
  });

  it('one after the other, in any order, gives the same as each alone', () => {
    const { w, frame } = layer(SHAPES[1], 8);
    const weight = new PreviewWeight(w, frame);
    const bits = [8, 2, 4] as const;
    for (const groupSize of [16, 32, 16, 77])
      for (const range of ['signed-max', 'minmax', 'absmax'] as const)
        for (const width of bits) {
          const options = { bits: width, range, groupSize };
          const oracle = previewUniformOracle(w, options, frame);
          const ours = weight.uniform(options);
          expectSame(ours, oracle, JSON.stringify(options));
          expect([ours.scale, ours.zero]).toEqual([oracle.scale, oracle.zero]);
          expect(ours.foundScale).toBe(oracle.foundScale);
        }
  });

  it('weights too large to stay in memory are copied in by bands', () => {
    for (const shape of SHAPES) {
      const { w, frame } = layer(shape, 6);
      const weight = new PreviewWeight(w, frame, 0);
      for (const wholeTensor of [false, true]) {
        const { groupSize } = shape;
        const options = { bits: 4, range: 'minmax', groupSize, wholeTensor } as const;
        const oracle = previewUniformOracle(w, options, frame);
        expectSame(weight.uniform(options), oracle, 'bands');
        expectEqual(weight.dense(w), previewDenseOracle(w, w, frame), 'bands');
      }
    }
  });

  it('pictures any other values of the same shape, and the weight itself without error', () => {
    for (const shape of SHAPES) {
      const { w, frame } = layer(shape, 5);
      const pruned = w.map((v) => (Math.abs(v) < 0.05 ? 0 : v));
      const weight = new PreviewWeight(w, frame);
      expectEqual(weight.dense(pruned), previewDenseOracle(w, pruned, frame), 'pruned');
      expect(weight.dense(w).squaredError).toBe(0);
      expectEqual(weight.dense(w), previewDenseOracle(w, w, frame), 'itself');
    }
  });

  it('counts every value once, also those outside of the range', () => {
    const { w, frame } = layer(SHAPES[1], 9);
    const narrow = { ...frame, minimum: -0.01, maximum: 0.02 };
    const { histogram } = new PreviewWeight(w, narrow).dense(w);
    expect(histogram.reduce((a, b) => a + b)).toBe(w.length);
    expect(histogram[0]).toBe(w.filter((v) => v < narrow.minimum + 0.03 / 50).length);
  });

  it('of two values of equal magnitude in a cell the negative one is shown', () => {
    const frame: Frame = {
      rows: 1,
      columns: 4,
      heatRows: 1,
      heatColumns: 2,
      minimum: -1,
      maximum: 1,
      bins: 4,
    };
    const w = Float32Array.of(1, -1, -0, 0);
    const { heat } = new PreviewWeight(w, frame).dense(w);
    expect([...heat]).toEqual([-1, 0]);
    expect([...previewDenseOracle(w, w, frame).heat]).toEqual([-1, 0]);
  });

  it('two weights take turns in the same memory', () => {
    const pairs = [1, 2].map((seed) => layer(SHAPES[0], seed));
    const weights = pairs.map(({ w, frame }) => new PreviewWeight(w, frame));
    const options: UniformPreview = { bits: 3, range: 'minmax', groupSize: 32 };
    for (const i of [0, 1, 0, 1]) {
      const { w, frame } = pairs[i];
      expectSame(weights[i].uniform(options), previewUniformOracle(w, options, frame), `${i}`);
      if (i === 1) releaseKernels();
    }
  });

  it('magnitudes whose squares float32 cannot hold are counted in float64', () => {
    for (const scale of [1e-30, 1e30]) {
      const { w, frame } = layer(SHAPES[0], 4);
      const scaled = w.map((v) => v * scale);
      const wide = {
        ...frame,
        minimum: Math.fround(frame.minimum * scale),
        maximum: Math.fround(frame.maximum * scale),
      };
      const options: UniformPreview = { bits: 4, range: 'absmax', groupSize: 32 };
      const { squaredError } = new PreviewWeight(scaled, wide).uniform(options);
      const plain = new PreviewWeight(w, frame).uniform(options).squaredError * scale ** 2;
      expect(Math.abs(squaredError / plain - 1)).toBeLessThan(1e-4);
    }
  });

  it('a value that is not finite is named', () => {
    const { w, frame } = layer(SHAPES[0], 4);
    w[70] = NaN;
    const weight = new PreviewWeight(w, frame);
    expect(() => weight.uniform({ bits: 4, range: 'minmax', groupSize: 32 })).toThrow(
      'Group 2 of this weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
    );
  });
});

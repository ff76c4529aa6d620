import { describe, expect, it } from 'vitest';
import type { DeviceLatency } from '../../core/report/types.ts';
import { TIMED } from '../testing/frontier-trials.ts';
import { timeOf, timeSetup, usualOriginal } from './latency.ts';

const at = (median: number) => ({ median, p90: median, n: 20 });
const pair = (original: number, compressed: number) => ({
  ...{ original: at(original), compressed: at(compressed) },
});

function timed(latency: Readonly<Record<string, DeviceLatency>>, createdAt = 0, shipped = false) {
  const [trial] = structuredClone(TIMED);
  if (trial.report === undefined) throw new Error('no report');
  return {
    ...{ ...trial, createdAt, ...(shipped ? { shipped: true as const } : {}) },
    report: { ...trial.report, latency },
  };
}

describe('times', () => {
  it('are of the newest trial’s device, at its longest input', () => {
    const old = timed({ wasm: pair(100, 80) }, 1);
    const long = { tokens: 512, ...pair(200, 150) };
    const newest = timed({ webgpu: { ...pair(10, 9), long } }, 2);
    const setup = timeSetup([old, newest]);
    expect(setup).toEqual({ device: 'webgpu', tokens: 512, shipped: false });
    expect(setup && timeOf(newest, setup)).toEqual({
      ...{ milliseconds: 150, original: 200, ratio: 0.75, spread: [0.75, 0.75], same: false },
    });
    expect(setup && timeOf(old, setup)).toBeUndefined();
    expect(timeSetup([])).toBeUndefined();
    expect(timeSetup([timed({})])).toBeUndefined();
  });

  it('of the project’s computer stay apart from those measured here, however new', () => {
    const here = timed({ wasm: pair(100, 80) }, 1);
    const shipped = timed({ wasm: pair(50, 40) }, 2, true);
    const setup = timeSetup([here, shipped]);
    expect(setup?.shipped).toBe(false);
    expect(setup && timeOf(shipped, setup)).toBeUndefined();
    expect(timeSetup([shipped])).toEqual({ device: 'wasm', tokens: undefined, shipped: true });
  });

  it('of different lengths are not compared', () => {
    const long = timed({ wasm: { ...pair(10, 9), long: { tokens: 512, ...pair(200, 150) } } }, 2);
    const plain = timed({ wasm: pair(10, 9) }, 1);
    const setup = timeSetup([plain, long]);
    expect(setup && timeOf(plain, setup)).toBeUndefined();
    const plainSetup = { device: 'wasm', shipped: false };
    expect(timeOf(long, plainSetup)).toBeUndefined();
    expect(timeOf(plain, plainSetup)?.ratio).toBe(0.9);
  });

  it('are the same as the original’s by the rule of the verdict, which the spread shows', () => {
    const times = (original: number, compressed: number, p90: number) => {
      const slow = { median: compressed, p90, n: 20 };
      const trial = timed({
        wasm: { original: { median: original, p90: 1.2 * original, n: 20 }, compressed: slow },
      });
      return timeOf(trial, { device: 'wasm', shipped: false });
    };
    expect(times(100, 85, 101)).toMatchObject({ same: true, spread: [85 / 120, 1.01] });
    expect(times(100, 85, 99)?.same).toBe(false);
    expect(times(100, 119, 130)?.same).toBe(true);
    expect(times(100, 121, 130)?.same).toBe(false);
  });

  it('are named after what the original usually takes', () => {
    const times = [188, 190, 400].map((original) => ({ original }));
    expect(usualOriginal(times)).toBe(190);
    expect(usualOriginal([])).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { latencyOf, measureLatency } from './latency.ts';

describe('measureLatency', () => {
  it('leaves the warm-up out and lets the jobs take turns', async () => {
    let now = 0;
    const [calls, seen]: [string[], number[]] = [[], []];
    const job = (name: string, times: number[]) => async () => {
      calls.push(name);
      now += times.shift() ?? 0;
    };
    const found = await measureLatency(
      { original: job('o', [900, 5, 7, 6]), compressed: job('c', [800, 1, 2, 9]) },
      {
        warmUp: 1,
        runs: 3,
        budget: 1e5,
        clock: () => now,
        progress: (fraction) => seen.push(fraction),
      },
    );
    expect(seen).toEqual([0.25, 0.5, 0.75, 1]);
    expect(calls.join('')).toBe('ococococ');
    expect(found).toEqual({
      original: { median: 6, p90: 7, n: 3 },
      compressed: { median: 2, p90: 9, n: 3 },
    });
  });

  it('repeats quick jobs until they have settled', async () => {
    let [now, calls] = [0, 0];
    // Kernels that get quick after ten runs: five counted runs alone would tell of nothing else.
    const cold = async () => {
      now += ++calls > 10 ? 1 : 9;
    };
    const warm = async () => {
      now += 1;
    };
    const jobs = { original: warm, compressed: cold };
    const few = { warmUp: 1, runs: 5, clock: () => now };
    expect((await measureLatency(jobs, few)).compressed.median).toBe(9);
    calls = 0;
    const settled = await measureLatency(jobs, { ...few, settle: 600 });
    expect(settled.compressed).toEqual({ median: 1, p90: 1, n: 100 });
    expect(settled.original).toEqual({ median: 1, p90: 1, n: 100 });
    expect(calls).toBe(120);
  });

  it('adds no rounds to jobs that are long by themselves, and keeps to the budget', async () => {
    let now = 0;
    const job = async () => {
      now += 100;
    };
    const options = { warmUp: 2, runs: 5, settle: 600, clock: () => now };
    expect((await measureLatency({ job }, options)).job.n).toBe(5);
    expect((await measureLatency({ job }, { ...options, budget: 500 })).job.n).toBe(3);
  });

  it('ends early on a large model, with at least one run of each', async () => {
    let now = 0;
    const calls: string[] = [];
    const job = (name: string, time: number) => async () => {
      calls.push(name);
      now += time;
    };
    const jobs = { original: job('o', 3000), compressed: job('c', 4000) };
    const found = await measureLatency(jobs, { clock: () => now });
    expect(calls.join('')).toBe('ococ');
    expect(found.compressed).toEqual({ median: 4000, p90: 4000, n: 1 });
    const quicker = { original: job('o', 400), compressed: job('c', 600) };
    expect((await measureLatency(quicker, { clock: () => now })).original.n).toBe(4);
  });

  it('takes the mean of the middle two of an even number', () => {
    expect(latencyOf([4, 1, 3, 2])).toEqual({ median: 2.5, p90: 4, n: 4 });
    expect(latencyOf(Array.from({ length: 20 }, (_, i) => i + 1))).toEqual({
      median: 10.5,
      p90: 18,
      n: 20,
    });
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const measured = measureLatency({ a: async () => {} }, { signal: controller.signal });
    await expect(measured).rejects.toMatchObject({ code: 'cancelled' });
  });
});

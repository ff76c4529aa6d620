import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import type { Latency } from '../core/report/types.ts';

export interface LatencyOptions {
  /** Runs that are not counted: shaders compile, caches warm. Default 2. */
  readonly warmUp?: number;
  /** Default 10. */
  readonly runs?: number;
  /**
   * Milliseconds that the runs should at least take together, a quarter of it before any counts: of runs that end within
   * a millisecond, ten are over before kernels are compiled to the end. At most `ROUNDS` are run for it. Default 0.
   */
  readonly settle?: number;
  /** Milliseconds. Default `performance.now`. */
  readonly clock?: () => number;
  /**
   * Milliseconds after which no further round begins, but one has counted by then: large models would take
   * minutes. Half of it goes to warming up. Default 6000.
   */
  readonly budget?: number;
  readonly signal?: AbortSignal;
  /** Fraction done, 0…1, after each round: of the rounds or of the time that is given, whichever is further. */
  readonly progress?: (fraction: number) => void;
}

/** What `settle` may ask for: before any counts, and counted. */
const ROUNDS = { warmUp: 20, runs: 100 };
const SHARE = { warmUp: 0.25, runs: 0.75 };

/**
 * Milliseconds of each job: median and 90 % quantile. The jobs take turns, so that a busy moment of
 * the machine falls on all of them and their ratio stays fair.
 */
export async function measureLatency<Name extends string>(
  jobs: Readonly<Record<Name, () => Promise<unknown>>>,
  options: LatencyOptions = {},
): Promise<Record<Name, Latency>> {
  const { warmUp = 2, runs = 10, settle = 0, budget = 6000, signal } = options;
  const { clock = () => performance.now() } = options;
  const names = Object.keys(jobs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  const begin = clock();
  const spent = () => clock() - begin;
  const rounds = warmUp + runs;
  let done = 0;
  const round = async (counts: boolean): Promise<void> => {
    for (const name of names) {
      throwIfCancelled(signal);
      const start = clock();
      await jobs[name]();
      if (counts) times[name].push(clock() - start);
    }
    options.progress?.(Math.min(1, Math.max(++done / rounds, spent() / budget)));
  };
  const unsettled = (i: number, part: keyof typeof ROUNDS, since: number) =>
    i < ROUNDS[part] && clock() - since < settle * SHARE[part];
  for (let i = 0; i < warmUp || unsettled(i, 'warmUp', begin); i++)
    if (i === 0 || spent() < budget / 2) await round(false);
    else break;
  const counted = clock();
  for (let i = 0; i < runs || unsettled(i, 'runs', counted); i++)
    if (i === 0 || spent() < budget) await round(true);
    else break;
  const results = names.map((name) => [name, latencyOf(times[name])] as const);
  return Object.fromEntries(results) as Record<Name, Latency>;
}

/** Median (mean of the middle two) and the smallest time that 90 % of the runs do not exceed. */
export function latencyOf(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b);
  const n = sorted.length;
  const median = (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
  return { median, p90: sorted[Math.max(0, Math.ceil(0.9 * n) - 1)], n };
}

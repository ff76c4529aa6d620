import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import type { Latency } from '../core/report/types.ts';

export interface LatencyOptions {
  /** Runs that are not counted: shaders compile, caches warm. Default 2. */
  readonly warmUp?: number;
  /** Default 10. */
  readonly runs?: number;
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

/**
 * Milliseconds of each job: median and 90 % quantile. The jobs take turns, so that a busy moment of
 * the machine falls on all of them and their ratio stays fair.
 */
export async function measureLatency<Name extends string>(
  jobs: Readonly<Record<Name, () => Promise<unknown>>>,
  options: LatencyOptions = {},
): Promise<Record<Name, Latency>> {
  const { warmUp = 2, runs = 10, budget = 6000, clock = () => performance.now(), signal } = options;
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
  for (let i = 0; i < warmUp && (i === 0 || spent() < budget / 2); i++) await round(false);
  for (let i = 0; i < runs && (i === 0 || spent() < budget); i++) await round(true);
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

import { speedWord } from '../../core/report/speed.ts';
import type { Report } from '../../core/report/types.ts';
import type { Trial } from '../../../workers/protocol.ts';

/** How times were measured; those of different setups say nothing about each other. */
export interface TimeSetup {
  /** Where it ran: a key of `report.latency`. */
  readonly device: string;
  /** Tokens of one input; unset: the first window or example of the evaluation. */
  readonly tokens?: number;
  /** Measured by the project, on another computer. */
  readonly shipped: boolean;
}

/** One run of a trial. The original took turns with it, so that what slows both cancels out of the ratio. */
export interface TrialTime {
  /** Median. */
  readonly milliseconds: number;
  readonly original: number;
  readonly ratio: number;
  /**
   * How far the ratio may be chance: from the compressed median over nine in ten of the original's runs to nine in ten
   * of its own over the original's median.
   */
  readonly spread: readonly [number, number];
  /** Neither faster nor slower than the original, by the rule of the verdict. */
  readonly same: boolean;
}

/**
 * How most is known about times here: on the device of the newest trial measured in this browser, at the longest input
 * it was timed with. Only where there is none, how the project timed the trials it shipped.
 */
export function timeSetup(trials: readonly Trial[]): TimeSetup | undefined {
  const newestFirst = [...trials].sort(
    (a, b) => Number(a.shipped === true) - Number(b.shipped === true) || b.createdAt - a.createdAt,
  );
  for (const { report, shipped } of newestFirst) {
    const [device] = Object.keys(report?.latency ?? {});
    if (report === undefined || device === undefined) continue;
    const tokens = report.latency[device].long?.tokens;
    return { device, tokens, shipped: shipped === true };
  }
  return undefined;
}

/** A trial's time, where it was measured in this way. */
export function timeOf({ report, shipped }: Trial, setup: TimeSetup): TrialTime | undefined {
  if (report === undefined || (shipped === true) !== setup.shipped) return undefined;
  const pair = pairAt(report, setup);
  if (pair === undefined || !(pair.original.median > 0)) return undefined;
  const { median: milliseconds, p90: slow } = pair.compressed;
  const { median: original, p90: slowOriginal } = pair.original;
  return {
    ...{ milliseconds, original, ratio: milliseconds / original },
    spread: [milliseconds / slowOriginal, slow / original],
    same: speedWord(pair) === 'as fast',
  };
}

function pairAt({ latency }: Report, { device, tokens }: TimeSetup) {
  const measured = latency[device];
  if (measured === undefined) return undefined;
  if (tokens === undefined) return measured.long === undefined ? measured : undefined;
  return [measured.long, measured.short].find((at) => at?.tokens === tokens);
}

/** What the original usually takes: the median over the trials it took turns with. */
export function usualOriginal(times: readonly Pick<TrialTime, 'original'>[]): number {
  const sorted = times.map(({ original }) => original).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

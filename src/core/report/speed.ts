import { FASTER_FROM, SLOWER_FROM } from './latency.ts';
import type { DeviceLatency, LatencyPair, Report } from './types.ts';

/** How long the compressed model takes beside the original, at one length on one device. */
export interface Speed {
  readonly word: 'slower' | 'as fast' | 'faster';
  /** Median of the compressed model over the original's: 1.1 is slower by a tenth. */
  readonly ratio: number;
  /** Medians, in milliseconds. */
  readonly original: number;
  readonly compressed: number;
  readonly device: string;
  /** Length of the input, where it is known. */
  readonly tokens?: number;
  readonly threads?: number;
}

/**
 * Speed in one word. Slower: the median is at least 1.1 times the original's, and longer than nine in ten of its
 * runs; faster: the reverse; all else lies within what a busy machine does by itself. Where inputs of several lengths
 * were timed, one at which the model is slower stands for all (the slowest of them), else the longest.
 */
export function speedOf({
  latency,
  device,
}: Pick<Report, 'latency' | 'device'>): Speed | undefined {
  const measured = device?.measured;
  const name = measured !== undefined && latency[measured] ? measured : Object.keys(latency)[0];
  if (name === undefined) return undefined;
  const speeds = lengthsOf(latency[name]).map((at) => speedAt(name, at));
  const slowest = speeds.filter(({ word }) => word === 'slower').sort((a, b) => b.ratio - a.ratio);
  return slowest[0] ?? speeds.at(-1);
}

type Timed = LatencyPair & { readonly tokens?: number; readonly threads?: number };

/** From the shortest to the longest; the whole window only where no length is stated. */
function lengthsOf({ short, long, threads, ...whole }: DeviceLatency): readonly Timed[] {
  const stated = [short, long].filter((at) => at !== undefined);
  return (stated.length > 0 ? stated : [whole]).map((at) => ({ ...at, threads }));
}

/** The word for one pair of times, each a median and the 90th percentile of its runs in milliseconds. */
export function speedWord({ original, compressed }: LatencyPair): Speed['word'] {
  const ratio = compressed.median / original.median;
  if (ratio >= SLOWER_FROM && compressed.median > original.p90) return 'slower';
  return ratio <= FASTER_FROM && compressed.p90 < original.median ? 'faster' : 'as fast';
}

function speedAt(device: string, pair: Timed): Speed {
  const { original, compressed, tokens, threads } = pair;
  return {
    word: speedWord(pair),
    ...{
      ratio: compressed.median / original.median,
      device,
      original: original.median,
      compressed: compressed.median,
    },
    ...(tokens !== undefined && { tokens }),
    ...(threads !== undefined && { threads }),
  };
}

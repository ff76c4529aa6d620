import { FASTER_FROM, SLOWER_FROM } from './latency.ts';
import type { LatencyPair, Report } from './types.ts';

/** How long the compressed model takes beside the original, at one length on one device. */
export interface Speed extends SpeedAt {
  /** A short input, where the same word would be untrue of it. */
  readonly short?: SpeedAt;
}

export interface SpeedAt {
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
 * were timed, the longest stands for all, so that two results always speak of the same; a short one is named beside it
 * where it is slower or faster beyond its own spread, and the long one is not.
 */
export function speedOf({
  latency,
  device,
}: Pick<Report, 'latency' | 'device'>): Speed | undefined {
  const measured = device?.measured;
  const name = measured !== undefined && latency[measured] ? measured : Object.keys(latency)[0];
  if (name === undefined) return undefined;
  const { short, long, threads, ...whole } = latency[name];
  const main = speedAt(name, { ...(long ?? short ?? whole), threads });
  const other = long && short && speedAt(name, { ...short, threads });
  const differs = other !== undefined && other.word !== 'as fast' && other.word !== main.word;
  return { ...main, ...(differs && { short: other }) };
}

type Timed = LatencyPair & { readonly tokens?: number; readonly threads?: number };

/** The word for one pair of times, each a median and the 90th percentile of its runs in milliseconds. */
export function speedWord({ original, compressed }: LatencyPair): SpeedAt['word'] {
  const ratio = compressed.median / original.median;
  if (ratio >= SLOWER_FROM && compressed.median > original.p90) return 'slower';
  return ratio <= FASTER_FROM && compressed.p90 < original.median ? 'faster' : 'as fast';
}

function speedAt(device: string, pair: Timed): SpeedAt {
  const { tokens, threads } = pair;
  const [original, compressed] = [pair.original.median, pair.compressed.median];
  return {
    word: speedWord(pair),
    ...{ ratio: compressed / original, device, original, compressed },
    ...(tokens !== undefined && { tokens }),
    ...(threads !== undefined && { threads }),
  };
}

import { FASTER_FROM, SLOWER_FROM } from './latency.ts';
import type { Latency, LatencyPair, Report } from './types.ts';

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
 * where it is slower or faster by a quarter and beyond the error of its medians, and the long one is not.
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
  const other = long && short && shortAt(name, { ...short, threads });
  const differs = other !== undefined && other.word !== 'as fast' && other.word !== main.word;
  return { ...main, ...(differs && { short: other }) };
}

type Timed = LatencyPair & { readonly tokens?: number; readonly threads?: number };

/** So much slower or faster a short input has to be to be named beside the long one. */
const NAMED_FROM = 1.25;

/** From so many runs on medians are steady. */
const MANY_RUNS = 20;

/**
 * Many quick runs: a busy machine makes some of them very long, and whether more than one in ten is chance. Their
 * medians are steady, so two standard errors of their difference decide. Of few runs only a loss is told, by the rule for
 * all: a gain may be one slow moment of the original.
 */
function shortAt(device: string, at: Timed): SpeedAt {
  const speed = speedAt(device, at);
  if (Math.min(at.original.n, at.compressed.n) < MANY_RUNS) {
    const told = speed.word === 'slower' && speed.ratio >= NAMED_FROM;
    return { ...speed, word: told ? 'slower' : 'as fast' };
  }
  const apart = Math.abs(speed.compressed - speed.original);
  const noise = 2 * Math.hypot(medianError(at.original), medianError(at.compressed));
  const share = Math.max(speed.ratio, 1 / speed.ratio);
  if (!(share >= NAMED_FROM) || apart <= noise) return { ...speed, word: 'as fast' };
  return { ...speed, word: speed.ratio > 1 ? 'slower' : 'faster' };
}

/** Standard error of a median, 1.2533 σ / √n, where σ is what the 90 % quantile tells of it: 1.2816 σ above. */
function medianError({ median, p90, n }: Latency): number {
  return ((1.2533 / 1.2816) * (p90 - median)) / Math.sqrt(n);
}

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

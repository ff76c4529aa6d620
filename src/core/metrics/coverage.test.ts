import { describe, expect, it } from 'vitest';
import type { Random } from '../random/random.ts';
import { normal, seededRandom } from '../random/seeded.ts';
import { accuracy, proportion } from './accuracy.ts';
import { deltaPRms } from './delta-p.ts';
import { meanByWindow, toMetric } from './estimate.ts';
import { klMetrics } from './kl.ts';
import { pairedDifference } from './paired-difference.ts';
import { perplexity } from './perplexity.ts';
import { relativeError } from './relative-error.ts';
import type { Metric } from './types.ts';

/**
 * Standard errors against simulation: an interval value ± SE must hold the truth in 68.3 % of
 * repetitions. With 600 repetitions the count's own standard deviation is 1.9 %; 3 of them, plus 2 %
 * for what the delta method neglects at these sizes, is the tolerance.
 */
const REPETITIONS = 600;
/** Each of these is 200 resamples. */
const BOOTSTRAP_REPETITIONS = 250;
const NOMINAL = 0.6827;

function expectCoverage(
  label: string,
  truth: number,
  measure: (random: Random) => Metric,
  repetitions = REPETITIONS,
): void {
  const tolerance = 3 * Math.sqrt((NOMINAL * (1 - NOMINAL)) / repetitions) + 0.02;
  let hits = 0;
  for (let r = 0; r < repetitions; r++) {
    const { value, standardError } = measure(seededRandom(r, label));
    if (Math.abs(value - truth) <= standardError) hits++;
  }
  expect(Math.abs(hits / repetitions - NOMINAL)).toBeLessThan(tolerance);
}

/** 40 windows of 15…25 positions; positions of one window share an effect, as tokens of a text do. */
const WINDOWS = Array.from({ length: 40 }, (_, w) => 15 + (w % 11));
const BETWEEN = 0.5;
const WITHIN = 1;

function clustered(random: Random, position: (random: Random, effect: number) => number) {
  return Float64Array.from(
    WINDOWS.flatMap((length) => {
      const effect = BETWEEN * normal(random);
      return Array.from({ length }, () => position(random, effect));
    }),
  );
}
const gaussian = (random: Random, effect: number) => effect + WITHIN * normal(random);

describe('coverage of value ± SE', () => {
  it('mean over positions with correlated windows', () => {
    expectCoverage('mean', 0, (r) => toMetric(meanByWindow(clustered(r, gaussian), WINDOWS)));
  });

  it('would be far too small if positions were taken as independent', () => {
    let hits = 0;
    for (let r = 0; r < REPETITIONS; r++) {
      const values = clustered(seededRandom(r, 'naive'), gaussian);
      const { value, standardError } = toMetric(meanByWindow(values, [values.length]));
      if (Math.abs(value) <= standardError) hits++;
    }
    expect(hits / REPETITIONS).toBeLessThan(0.5);
  });

  it('perplexity', () => {
    const nll = (r: Random, effect: number) => 1.2 + 0.3 * (effect + normal(r));
    expectCoverage('perplexity', Math.exp(1.2), (r) =>
      toMetric(perplexity(clustered(r, nll), WINDOWS)),
    );
  });

  it('root mean square of Δp', () => {
    const truth = Math.sqrt(BETWEEN ** 2 + WITHIN ** 2);
    expectCoverage('rms', truth, (r) => toMetric(deltaPRms(clustered(r, gaussian), WINDOWS)));
  });

  it('median by the bootstrap', () => {
    const median = (r: Random) => klMetrics(clustered(r, gaussian), WINDOWS).klMedian as Metric;
    expectCoverage('median', 0, median, BOOTSTRAP_REPETITIONS);
  });

  it('99 % quantile by the bootstrap', () => {
    const truth = 2.3263478740408408 * Math.hypot(BETWEEN, WITHIN);
    const q99 = (r: Random) => klMetrics(clustered(r, gaussian), WINDOWS).kl99 as Metric;
    expectCoverage('q99', truth, q99, BOOTSTRAP_REPETITIONS);
  });

  it('accuracy', () => {
    const draw = (r: Random) => Uint8Array.from({ length: 237 }, () => Number(r.next() < 0.84));
    expectCoverage('accuracy', 0.84, (r) => accuracy(draw(r)));
  });

  it('relative error over examples of unequal size', () => {
    const truth = 0.1;
    expectCoverage('relative', truth, (r) => {
      const signals = Float64Array.from({ length: 80 }, () => 1 + 9 * r.next());
      const errors = signals.map((signal) => signal * truth ** 2 * normal(r) ** 2);
      return toMetric(relativeError(errors, signals));
    });
  });

  it('paired difference of perplexities', () => {
    const truth = Math.exp(1.25) - Math.exp(1.2);
    expectCoverage('paired', truth, (r) => {
      const original = clustered(r, (s, effect) => 1.2 + 0.3 * (effect + normal(s)));
      const compressed = original.map((nll) => nll + 0.05 + 0.05 * normal(r));
      return pairedDifference(perplexity(original, WINDOWS), perplexity(compressed, WINDOWS));
    });
  });

  it('paired difference of accuracies', () => {
    expectCoverage('paired accuracy', -0.05, (r) => {
      const original = Uint8Array.from({ length: 400 }, () => Number(r.next() < 0.8));
      const compressed = original.map((right) => (right === 1 && r.next() < 0.0625 ? 0 : right));
      return pairedDifference(proportion(original), proportion(compressed));
    });
  });
});

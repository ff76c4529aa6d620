import { describe, expect, it } from 'vitest';
import type { Metrics } from '../metrics/types.ts';
import { trialDifference } from './trial-difference.ts';
import type { EachMeasured, Report } from './types.ts';

type Evaluation = NonNullable<Report['evaluation']>;

function report(evaluation: Partial<Evaluation>, inputSha256 = 'm'): Report {
  const size = { bytes: 100, parameters: 10, bitsPerWeight: 8 };
  const measured = {
    ...{ data: 'evaluation.txt', sha256: 'd', protocol: '4 documents.' },
    ...{ original: {}, compressed: {}, difference: {} },
  };
  return {
    ...{ version: 1, tool: 'test', inputSha256, layers: [], before: size, after: size },
    recipe: { version: 1, seed: 0, steps: [] },
    coverage: { compressedBytes: 0, totalBytes: 0, skipped: [] },
    ...{ outputSha256: 'o', forecastBytes: 100, verified: true, scores: 'quality', latency: {} },
    evaluation: { ...measured, ...evaluation },
  };
}

const metric = (value: number, standardError: number) => ({ value, standardError, n: 60 });
const perplexity = (value: number): Metrics => ({ perplexity: metric(value, 0.3) });
const losses = (compressed: number[], counts?: number[]): EachMeasured => ({
  ...{ metric: 'perplexity', compressed },
  ...(counts && { counts }),
});

describe('the difference of two trials', () => {
  it('is paired by window, as computed by hand', () => {
    const counts = [10, 30, 20];
    const a = report({ compressed: perplexity(7), each: losses([1.9, 2.1, 2], counts) });
    const b = report({ compressed: perplexity(8), each: losses([2, 2.3, 2.05], counts) });
    const found = trialDifference('perplexity', a, b);
    // Mean losses: A (19 + 63 + 40)/60 = 122/60, B (20 + 69 + 41)/60 = 130/60.
    const [meanA, meanB] = [122 / 60, 130 / 60];
    const [valueA, valueB] = [Math.exp(meanA), Math.exp(meanB)];
    const influence = (at: number, lossA: number, lossB: number) =>
      (counts[at] * (valueB * (lossB - meanB) - valueA * (lossA - meanA))) / 60;
    const squares =
      influence(0, 1.9, 2) ** 2 + influence(1, 2.1, 2.3) ** 2 + influence(2, 2, 2.05) ** 2;
    if (found.kind !== 'paired') throw new Error(found.kind);
    expect(Math.abs(found.difference.value - (valueB - valueA))).toBeLessThan(1e-9);
    expect(Math.abs(found.difference.standardError - Math.sqrt(squares * 1.5))).toBeLessThan(1e-9);
    expect(found.difference.n).toBe(60);
    expect(found).not.toHaveProperty('shared');
  });

  it('of shares of answers is paired by example', () => {
    const answers = { original: [0, 1, 2, 1], compressed: [0, 1, 1, 1] };
    const worse = { original: [0, 1, 2, 1], compressed: [1, 1, 1, 1] };
    const a = report({ compressed: { agreement: metric(0.75, 0.2) }, answers });
    const b = report({ compressed: { agreement: metric(0.5, 0.2) }, answers: worse });
    // By hand: differences −1, 0, 0, 0; mean −1/4, SE² = 4/3 · (9 + 3)/16 · 1/16.
    expect(trialDifference('agreement', a, b)).toMatchObject({
      kind: 'paired',
      difference: { value: -0.25, standardError: Math.sqrt(((4 / 3) * 12) / 256) },
    });
  });

  it('of one that was ended early is over the windows that both were measured on', () => {
    const whole = report({ compressed: perplexity(7), each: losses([2, 2.2, 1.9, 5]) });
    const ended = report({
      ...{ compressed: perplexity(8), each: losses([2.1, 2.2, 2]), stopped: { done: 3, of: 4 } },
      protocol: '3 of 4 documents; measuring was ended early.',
    });
    const found = trialDifference('perplexity', whole, ended);
    if (found.kind !== 'paired') throw new Error(found.kind);
    expect(found.shared).toBe(3);
    expect(found.difference.value).toBeCloseTo(Math.exp(6.3 / 3) - Math.exp(6.1 / 3), 12);
  });

  it('adds the errors of both where a report holds no entries', () => {
    const a = report({ compressed: perplexity(7), each: losses([2, 2.2]) });
    const b = report({ compressed: perplexity(7.5) });
    const difference = { value: 0.5, standardError: Math.hypot(0.3, 0.3), n: 60 };
    expect(trialDifference('perplexity', a, b)).toEqual({ kind: 'unpaired', difference });
  });

  it.each<[string, Report, Report]>([
    ['missing', report({ compressed: perplexity(7) }), report({})],
    ['missing', report({ compressed: perplexity(7) }), { ...report({}), evaluation: undefined }],
    [
      'models',
      report({ compressed: perplexity(7), each: losses([1, 2]) }),
      report({ compressed: perplexity(7), each: losses([1, 2]) }, 'another'),
    ],
    [
      'data',
      report({ compressed: perplexity(7), each: losses([1, 2]) }),
      report({ compressed: perplexity(7), each: losses([1, 2]), sha256: 'another' }),
    ],
    [
      'protocol',
      report({ compressed: perplexity(7), each: losses([1, 2]) }),
      report({ compressed: perplexity(7), each: losses([1, 2]), protocol: 'In another way.' }),
    ],
  ])('is not taken: %s', (reason, a, b) => {
    expect(trialDifference('perplexity', a, b)).toEqual({ kind: 'apart', reason });
  });
});

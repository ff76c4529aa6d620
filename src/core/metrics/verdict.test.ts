import { describe, expect, it } from 'vitest';
import type { Metric, Metrics } from './types.ts';
import { layerVerdicts, verdict, type MeasuredSide } from './verdict.ts';

const metric = (value: number, standardError: number, n = 100): Metric => ({
  value,
  standardError,
  n,
});

function side(bytes: number, compressed: Metrics, difference: Metrics = {}): MeasuredSide {
  const evaluation = { sha256: 'e', protocol: '4 windows', compressed, difference };
  return { bytes, evaluation };
}

describe('a trial against its baseline', () => {
  const at = (perplexity: number, bytes = 1000) =>
    side(bytes, { perplexity: metric(perplexity, 0.5) });

  it.each([
    ['better', -0.21],
    ['equal', -0.2],
    ['equal', 0.2],
    ['worse', 0.21],
  ])('is %s at a paired difference of %d ± 0.1 in perplexity', (word, value) => {
    const paired = { perplexity: metric(value, 0.1) };
    expect(verdict(at(9), at(9), paired)).toEqual({
      ...{ word, size: 1, metric: 'perplexity' },
      difference: metric(value, 0.1),
    });
  });

  it('counts upwards where higher is better', () => {
    const accurate = side(1000, { accuracy: metric(0.9, 0.01), agreement: metric(0.5, 0.01) });
    const paired = { accuracy: metric(0.05, 0.01) };
    expect(verdict(accurate, accurate, paired)).toMatchObject({
      word: 'better',
      metric: 'accuracy',
    });
    const [more, less] = [0.9, 0.8].map((v) => side(1000, { agreement: metric(v, 0.01) }));
    expect(verdict(more, less).word).toBe('better');
    expect(verdict(less, more).word).toBe('worse');
    expect(verdict(less, more).difference?.value).toBeCloseTo(-0.1, 12);
    expect(verdict(less, more).difference?.standardError).toBeCloseTo(0.01 * Math.SQRT2, 12);
  });

  it('takes differences from the original where these are known, with their smaller errors', () => {
    const found = verdict(
      side(1000, { perplexity: metric(9, 0.5) }, { perplexity: metric(1, 0.03) }),
      side(1000, { perplexity: metric(9.2, 0.5) }, { perplexity: metric(1.2, 0.04) }),
    );
    expect(found.word).toBe('better');
    expect(found.difference?.value).toBeCloseTo(-0.2, 12);
    expect(found.difference?.standardError).toBeCloseTo(0.05, 12);
  });

  it('weighs bytes: smaller at equal quality is better, more quality for more bytes is no win', () => {
    const same = { perplexity: metric(0, 0.1) };
    const finer = { perplexity: metric(-1, 0.1) };
    expect(verdict(at(9, 900), at(9), same).word).toBe('better');
    expect(verdict(at(9, 1100), at(9), same).word).toBe('worse');
    expect(verdict(at(9, 995), at(9), same).word).toBe('equal');
    expect(verdict(at(9, 1100), at(9), finer)).toMatchObject({ word: 'equal', size: 1.1 });
    expect(verdict(at(9, 900), at(9), finer).word).toBe('better');
  });

  it('is not measured, and says why', () => {
    const reasonOf = (own: MeasuredSide, baseline: MeasuredSide) => {
      const { word, reason } = verdict(own, baseline);
      expect(word).toBe('not measured');
      return reason;
    };
    expect(reasonOf({ bytes: 1 }, at(9))).toBe('nothing was measured on it');
    const other = { ...at(9), evaluation: { ...at(9).evaluation, sha256: 'f' } } as MeasuredSide;
    expect(reasonOf(at(9), other)).toBe(
      'the two were measured on different data or in different ways',
    );
    expect(reasonOf(at(9), side(1, { accuracy: metric(1, 0) }))).toBe(
      'no measure was taken of both',
    );
    const single = side(1, { perplexity: metric(9, Infinity) });
    expect(reasonOf(single, single)).toBe('one window or example says nothing about its error');
  });
});

describe('layers against the baseline', () => {
  const layer = (relativeError: number, baselineRelativeError?: number) => ({
    ...{ method: 'gptq', relativeError },
    ...(baselineRelativeError !== undefined && { baselineRelativeError }),
  });

  it('are counted; a tie is no win, and what has no baseline is left out', () => {
    expect(layerVerdicts([layer(1, 2), layer(2, 2), layer(1, 3), layer(9)])).toEqual([
      { method: 'gptq', word: 'better', won: 2, total: 3 },
    ]);
    expect(layerVerdicts([layer(1, 2), layer(2, 2)])[0].word).toBe('equal');
    expect(layerVerdicts([layer(3, 2), layer(4, 2), layer(1, 2)])[0].word).toBe('worse');
    expect(layerVerdicts([layer(1)])).toEqual([]);
  });
});

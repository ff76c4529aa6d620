import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDownload,
  formatError,
  formatExactBytes,
  formatMetric,
  formatRatio,
  formatSeconds,
  formatTimeLeft,
  formatTick,
  signed,
} from './format.ts';

describe('sizes', () => {
  it('keeps three significant digits and never shows 1000 of a unit', () => {
    expect(formatBytes(512)).toBe('512 B');
    expect(formatBytes(1_056_540)).toBe('1.06 MB');
    expect(formatBytes(999_600)).toBe('1.00 MB');
    expect(formatBytes(182_000)).toBe('182 kB');
    expect(formatExactBytes(1_056_540)).toBe('1\u202f056\u202f540 B');
  });

  it('says how many times smaller and how long a download takes', () => {
    expect(formatRatio(1_056_540, 210_000)).toBe('5.03×');
    expect(formatRatio(10, 0)).toBe('–');
    expect(formatDownload(20e6)).toBe('8.0 s');
    expect(formatSeconds(600)).toBe('10 min');
    expect([0.2, 4, 4.01, 89, 600].map(formatTimeLeft)).toEqual([
      ...['1 s', '4 s', '5 s', '89 s', '10 min'],
    ]);
    expect(formatCount(260_032)).toBe('260 k');
  });
});

describe('metrics', () => {
  it('cuts the value where its error begins', () => {
    const metric = { value: 3.97213, standardError: 0.0412, n: 60 };
    expect(formatMetric('perplexity', metric)).toEqual({ value: '3.972', error: '± 0.041' });
  });

  it('shows shares in per cent', () => {
    const metric = { value: 0.8397, standardError: 0.00367, n: 2000 };
    expect(formatMetric('accuracy', metric)).toEqual({ value: '83.97 %', error: '± 0.37' });
  });

  it('does not fail without an error or with zero', () => {
    expect(formatMetric('kl', { value: 0, standardError: 0, n: 0 }).value).toBe('0.00');
    const tiny = { value: 2.14e-7, standardError: 3.02e-8, n: 900 };
    expect(formatMetric('kl', tiny)).toEqual({ value: '2.1e-7', error: '± 3.0e-8' });
    const one = { value: 0.5, standardError: Infinity, n: 1 };
    expect(formatMetric('cosine', one)).toEqual({ value: '0.500', error: 'n = 1' });
    expect(formatError(0)).toBe('0');
    expect(formatError(4.56e-6)).toBe('4.6e-6');
  });

  it('never writes an error bar as zero that is none', () => {
    const median = { value: 2.698e-5, standardError: 2.4e-7, n: 15921 };
    expect(formatMetric('kl', median)).toEqual({ value: '2.7e-5', error: '± 2.4e-7' });
    const mean = { value: -0.00000412, standardError: 9.1e-7, n: 15921 };
    expect(formatMetric('deltaP', mean)).toEqual({ value: '−4.1e-4 %', error: '± 9.1e-5' });
    const wide = { value: 0.0004, standardError: 0.0003, n: 60 };
    expect(formatMetric('perplexity', wide)).toEqual({ value: '0.00040', error: '± 0.00030' });
  });

  it('tells the ticks of an axis apart however close they are', () => {
    const ticks = [12.564, 12.566, 12.568].map((tick) => formatTick(tick, 0.002));
    expect(ticks).toEqual(['12.564', '12.566', '12.568']);
    expect([0, 20, 40].map((tick) => formatTick(tick, 20))).toEqual(['0', '20', '40']);
    expect([-0.5, 0].map((tick) => formatTick(tick, 0.5))).toEqual(['−0.5', '0.0']);
  });

  it('writes differences with a plus or a real minus, and zero with neither', () => {
    const difference = (value: number): string => {
      const text = formatMetric('perplexity', { value, standardError: 0.02, n: 60 }).value;
      return signed(value, text);
    };
    expect(difference(0.4213)).toBe('+0.421');
    expect(difference(-0.4213)).toBe('−0.421');
    expect(difference(-0.0001)).toBe('0.000');
    expect(signed(-26_200, formatBytes(-26_200))).toBe('−26.2 kB');
    expect(signed(-300, formatBytes(-300))).toBe('−300 B');
  });
});

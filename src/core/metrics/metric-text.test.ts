import { expect, it } from 'vitest';
import { formatDifference, formatMetric } from './metric-text.ts';

const metric = (value: number, standardError: number) => ({ value, standardError, n: 100 });
const text = ({ value, error }: { value: string; error: string }) => `${value} ${error}`;

it('gives the error two digits, and the value as many places', () => {
  expect(text(formatMetric('perplexity', metric(3.5734, 0.0812)))).toBe('3.573 ± 0.081');
  expect(text(formatMetric('accuracy', metric(0.815, 0.0087)))).toBe('81.50 % ± 0.87');
  expect(text(formatMetric('relativeError', metric(3.4e-5, 1.1e-6)))).toBe('3.4e-5 ± 1.1e-6');
  expect(text(formatMetric('cosine', metric(0.98, Infinity)))).toBe('0.980 n = 1');
});

it('writes the difference of two shares in points, with its sign', () => {
  expect(text(formatDifference('accuracy', metric(-0.005, 0.002)))).toBe('−0.50 ± 0.20 points');
  expect(text(formatDifference('accuracy', metric(0.03, 0.004)))).toBe('+3.00 ± 0.40 points');
  expect(text(formatDifference('accuracy', metric(0.03, Infinity)))).toBe('+3.00 points n = 1');
  expect(text(formatDifference('perplexity', metric(0.002, 0.001)))).toBe('+0.0020 ± 0.0010');
  expect(text(formatDifference('spanF1', metric(0, 0.001)))).toBe('0.0000 ± 0.0010');
});

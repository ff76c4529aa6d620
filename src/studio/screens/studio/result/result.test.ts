import { expect, it } from 'vitest';
import { METRIC_NAMES } from '../../../../core/metrics/types.ts';
import { ERROR_DEFINITION, METRIC_DEFINITIONS } from '../../../strings/en-metrics.ts';
import { leftAlone } from './left-alone.ts';
import { measuredRows, speedRow } from './summary-rows.ts';

const metric = (value: number, standardError: number) => ({ value, standardError, n: 2000 });

it('says what is left alone once for each reason, without the names', () => {
  expect(
    leftAlone([
      { name: 'a', reason: '"a" is a table, so it was left as it is.' },
      { name: 'b', reason: 'No step was pointed at it.' },
      { name: 'c', reason: 'No step was pointed at it.' },
    ]),
  ).toEqual([
    { reason: 'No step was pointed at it.', names: ['b', 'c'] },
    { reason: 'is a table, so it was left as it is.', names: ['a'] },
  ]);
});

it('sums up a language model: its quality with the difference, and how alike the two are', () => {
  const rows = measuredRows({
    original: { perplexity: metric(3.573, 0.081) },
    compressed: {
      perplexity: metric(3.575, 0.081),
      kl: metric(0.0005, 0.00001),
      sameTop1: metric(0.98798, 0.00085),
    },
    difference: { perplexity: metric(0.0022, 0.0011) },
  });
  expect(rows).toEqual([
    {
      ...{ label: 'Quality', metric: 'perplexity', value: '3.575', error: '± 0.081' },
      note: 'original 3.573, +0.0022 ± 0.0011',
    },
    { label: 'Agreement', metric: 'sameTop1', value: '98.798 %', error: '± 0.085' },
  ]);
});

it('gives the change of an accuracy in points, not in per cent', () => {
  const [row] = measuredRows({
    original: { accuracy: metric(0.81, 0.0088) },
    compressed: { accuracy: metric(0.805, 0.0089), agreement: metric(0.99, 0.002) },
    difference: { accuracy: metric(-0.005, 0.002) },
  });
  expect(row.note).toBe('original 81.00 %, −0.50 ± 0.20 points');
});

it('names what was timed', () => {
  const speed = { word: 'slower', ratio: 1.12, original: 100, compressed: 112 } as const;
  expect(speedRow({ ...speed, device: 'wasm', tokens: 256 })).toEqual({
    label: 'Speed',
    value: '112 ms',
    note: 'original 100 ms, 1.1× slower, 256 tokens, WASM',
  });
  const short = { word: 'faster', ratio: 0.5, original: 2, compressed: 1, tokens: 16 } as const;
  const at = { ...speed, device: 'wasm', tokens: 256, short: { ...short, device: 'wasm' } };
  expect(speedRow(at).note).toBe(
    'original 100 ms, 1.1× slower, 256 tokens, WASM, 2.0× faster at 16 tokens',
  );
});

it('explains every metric in a sentence of its own', () => {
  const texts = METRIC_NAMES.map((name) => METRIC_DEFINITIONS[name]);
  expect(new Set(texts).size).toBe(METRIC_NAMES.length);
  for (const text of [...texts, ERROR_DEFINITION]) expect(text).toMatch(/^\S.{40,}\.$/s);
});

import { describe, expect, it } from 'vitest';
import { toMetric } from './estimate.ts';
import { countSpans, spanF1, spansOf, tagsSpans } from './spans.ts';

const texts = (tags: string) =>
  spansOf(tags.split(' ')).map(({ from, to, type }) => `${type} ${from}-${to}`);

describe('spans of tags', () => {
  it('begin at B, end where the type or the span does (IOB2)', () => {
    expect(texts('O B-PER I-PER O B-LOC')).toEqual(['PER 1-3', 'LOC 4-5']);
    expect(texts('B-PER B-PER I-LOC I-LOC')).toEqual(['PER 0-1', 'PER 1-2', 'LOC 2-4']);
    expect(texts('O O')).toEqual([]);
  });

  it('forgive a missing B, as conlleval does (IOB1)', () => {
    expect(texts('I-PER I-PER O I-LOC')).toEqual(['PER 0-2', 'LOC 3-4']);
    expect(texts('I-PER B-PER I-PER')).toEqual(['PER 0-1', 'PER 1-3']);
  });

  it('know BIOES and BILOU', () => {
    expect(texts('B-PER I-PER E-PER S-LOC I-LOC')).toEqual(['PER 0-3', 'LOC 3-4', 'LOC 4-5']);
    expect(texts('B-PER L-PER U-PER O')).toEqual(['PER 0-2', 'PER 2-3']);
    expect(texts('B_PER I_PER')).toEqual(['PER 0-2']);
  });

  it('are told by the names of the classes', () => {
    expect(tagsSpans(['O', 'B-PER', 'I-PER'])).toBe(true);
    expect(tagsSpans(['NOUN', 'VERB', 'O'])).toBe(false);
    expect(tagsSpans(['B-PER', 'I-PER'])).toBe(false);
  });
});

describe('F1 of spans', () => {
  const wanted = 'B-PER I-PER O B-LOC'.split(' ');

  it('counts a span right only as a whole', () => {
    const shorter = 'B-PER O O B-LOC'.split(' ');
    expect(countSpans(wanted, shorter)).toEqual({ wanted: 2, found: 2, shared: 1 });
    expect(countSpans(wanted, 'O O O O'.split(' '))).toEqual({ wanted: 2, found: 0, shared: 0 });
  });

  it('is micro-averaged over examples, its error by example', () => {
    const examples = [
      { wanted: 2, found: 2, shared: 2 },
      { wanted: 1, found: 3, shared: 0 },
      { wanted: 0, found: 0, shared: 0 },
    ];
    const { value, n, standardError } = toMetric(spanF1(examples) ?? expect.unreachable());
    // 2·2 / (2 + 2 + 1 + 3); influences (4 − 4/2)/8, (0 − 4/2)/8, 0.
    expect(value).toBe(0.5);
    expect(n).toBe(3);
    expect(standardError).toBeCloseTo(Math.sqrt((2 * 0.25 ** 2 * 3) / 2), 12);
    expect(spanF1([{ wanted: 0, found: 0, shared: 0 }])).toBeUndefined();
  });
});

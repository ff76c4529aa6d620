import { describe, expect, it } from 'vitest';
import type { Report } from '../../../../core/report/types.ts';
import { ORIGINAL, type TokenStep, type Trial } from '../../../../../workers/protocol.ts';
import { grouped } from '../../../format/format.ts';
import { answerOf, likeliestOf } from './answer-of.ts';
import { answersBetween, changeOf, flipsOf, isOfData, spread } from './answers.ts';
import { confusedPairs, confusionDifference, confusionOf } from './confusion.ts';
import { documentOrder } from './document-order.ts';
import { honestWords } from './honest-words.ts';
import { KL_EDGES, klLevel, klText } from './kl-levels.ts';
import { isParted, partingOf } from './parting.ts';
import { isSamePair, touchesCache, withoutFile, type Side } from './sides.ts';
import { segmentsOf, sharedSegments } from './tag-segments.ts';
import { quotedText, visibleText } from './visible-text.ts';

type Evaluation = NonNullable<Report['evaluation']>;

const original: Side = { id: ORIGINAL, name: 'Original', adapter: false };

/** A side of which only the evaluation is known. */
function measured(id: string, evaluation: Partial<Evaluation>, rest: Partial<Trial> = {}): Side {
  const report = { evaluation: { data: 'd.npz', sha256: 'aa', ...evaluation } } as Report;
  const trial = { id, name: id, recipe: { steps: [] }, report, ...rest } as unknown as Trial;
  return { id, name: id, adapter: false, trial };
}

const fits = () => true;

describe('the token at which two texts part', () => {
  const step = (id: number): TokenStep => ({ id, text: String(id), probability: 0.5 });
  const part = (left: number[], right: number[]) => {
    const found = partingOf({
      prompt: [],
      original: left.map(step),
      compressed: right.map(step),
    });
    const ids = (steps: readonly TokenStep[]) => steps.map(({ id }) => id);
    return [ids(found.common), ids(found.left), ids(found.right), isParted(found)];
  };

  it('is the first that differs; what is alike behind it counts no more', () => {
    expect(part([1, 2, 3, 4], [1, 2, 9, 4])).toEqual([[1, 2], [3, 4], [9, 4], true]);
    expect(part([5], [6])).toEqual([[], [5], [6], true]);
  });

  it('is where one text ends and the other goes on', () => {
    expect(part([1, 2], [1, 2, 3])).toEqual([[1, 2], [], [3], true]);
    expect(part([1, 2, 3], [1])).toEqual([[1], [2, 3], [], true]);
  });

  it('is nowhere in equal texts', () => {
    expect(part([1, 2], [1, 2])).toEqual([[1, 2], [], [], false]);
    expect(part([], [])).toEqual([[], [], [], false]);
  });
});

describe('what texts that part say', () => {
  const same = (value: number) => ({ value, standardError: 0.0017, n: 14_144 });

  it('is damage where the models seldom choose alike', () => {
    expect(honestWords('2 bits', same(0.0559), true)).toBe(
      `Here the texts differ because the models do: behind the same text, the likeliest token of “2 bits” is the original’s in only 5.59 % ± 0.17 of ${grouped(14_144)} places of the evaluation.`,
    );
  });

  it('is no damage where they mostly do', () => {
    const words = honestWords('8 bits', same(0.97), true);
    expect(words).toContain('two texts, not damage');
    expect(words).toContain(`97.00 % ± 0.17 of ${grouped(14_144)} tokens`);
  });

  it('is neither where nothing was measured, and nothing where they do not part', () => {
    expect(honestWords('own', undefined, true)).toBe(
      'One different token changes everything behind it: only what stands before the parting compares.',
    );
    expect(honestWords('own', undefined, false)).toBe('');
    expect(honestWords('2 bits', same(0.0559), false)).toContain('How often they choose alike');
  });
});

describe('levels of KL', () => {
  it('go up at each power of ten, and begin with what nobody could see', () => {
    expect(klLevel(0)).toBe(0);
    expect(KL_EDGES.map(klLevel)).toEqual([1, 2, 3, 4]);
    expect(KL_EDGES.map((edge) => klLevel(edge * 0.99))).toEqual([0, 1, 2, 3]);
    expect(klLevel(30)).toBe(4);
  });

  it('are written in two digits, and rounding below zero as zero', () => {
    expect([-1e-8, 0, 2.34e-5, 0.0123, 0.5, 12.3].map(klText)).toEqual([
      '0',
      '0',
      '2.3e-5',
      '0.012',
      '0.50',
      '12',
    ]);
  });
});

describe('answers that changed', () => {
  const q4 = measured('q4', {
    answers: { expected: [0, 1, 2, 1], original: [0, 0, 1, 1], compressed: [1, 1, 0, 1] },
  });

  it('are lost, won, or wrong in another way', () => {
    expect(changeOf(3, 3, 1)).toBeUndefined();
    const both = answersBetween({ left: original, right: q4 }, fits);
    if (both === undefined) throw new Error('the report keeps answers');
    expect(flipsOf(both)).toEqual({ lost: [0], won: [1], other: [2], changed: [] });
  });

  it('only changed where nobody knows what is right', () => {
    expect(flipsOf({ left: [0, 1], right: [0, 2] })).toEqual({
      ...{ lost: [], won: [], other: [] },
      changed: [1],
    });
  });

  it('of two trials come from both reports, and the other way round from the same one', () => {
    const q2 = measured('q2', {
      answers: { expected: [0, 1, 2, 1], original: [0, 0, 1, 1], compressed: [2, 2, 2, 2] },
      stopped: { done: 4, of: 9 },
    });
    expect(answersBetween({ left: q4, right: q2 }, fits)).toEqual({
      ...{ expected: [0, 1, 2, 1], left: [1, 1, 0, 1], right: [2, 2, 2, 2], of: 9 },
    });
    expect(answersBetween({ left: q4, right: original }, fits)?.right).toEqual([0, 0, 1, 1]);
  });

  it('are unknown of older reports, of other data, and without any trial', () => {
    const sides = { left: original, right: q4 };
    expect(answersBetween(sides, () => false)).toBeUndefined();
    const old = measured('old', {});
    expect(answersBetween({ left: original, right: old }, fits)).toBeUndefined();
    expect(answersBetween({ left: old, right: q4 }, fits)).toBeUndefined();
    expect(answersBetween({ left: original, right: original }, fits)).toBeUndefined();
  });

  it('belong to data by its hash, and by its name until that is known', () => {
    const evaluation = { data: 'd.npz', sha256: 'aa' };
    expect(isOfData(evaluation, 'd.npz', 'bb')).toBe(false);
    expect(isOfData(evaluation, 'x.npz', 'aa')).toBe(true);
    expect(isOfData(evaluation, 'd.npz', undefined)).toBe(true);
    expect(isOfData(evaluation, 'x.npz', undefined)).toBe(false);
  });

  it('are sampled evenly where the report keeps none, each place once', () => {
    expect(spread(10, 4)).toEqual([0, 2, 5, 7]);
    expect(spread(3, 24)).toEqual([0, 1, 2]);
    expect(spread(0, 24)).toEqual([]);
  });
});

describe('confusion', () => {
  const answers = { expected: [0, 0, 1, 2, 2], left: [0, 1, 1, 0, 2], right: [0, 0, 2, 0, 0] };
  const [left, right] = (['left', 'right'] as const).map((side) => confusionOf(answers, side, 3));

  it('counts answers by true class', () => {
    expect(left).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 1],
    ]);
    expect(right).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [2, 0, 0],
    ]);
    expect(confusionOf({ left: [0], right: [0] }, 'left', 3)).toBeUndefined();
  });

  it('tells what changed, and the pairs that are confused most', () => {
    if (left === undefined || right === undefined) throw new Error('labels are known');
    expect(confusionDifference(left, right)[0]).toEqual([1, -1, 0]);
    expect(confusedPairs(left, right, 2)).toEqual([
      { expected: 2, answered: 0, left: 1, right: 2 },
      { expected: 1, answered: 2, left: 0, right: 1 },
    ]);
  });
});

describe('the order of documents', () => {
  const each = (compressed: number[]) => ({
    metric: 'perplexity' as const,
    original: [1, 1, 1],
    compressed,
  });
  const q4 = measured('q4', { each: each([1.1, 1.5, 0.9]) });
  const indices = (left: Side, right: Side, ok = fits) =>
    documentOrder(3, { left, right }, ok).map(({ index }) => index);

  it('begins with the one whose loss grew most', () => {
    expect(indices(original, q4)).toEqual([1, 0, 2]);
    expect(documentOrder(3, { left: original, right: q4 }, fits)[0].harm).toBeCloseTo(0.5, 9);
    expect(indices(q4, original)).toEqual([2, 0, 1]);
    expect(indices(measured('q2', { each: each([1.0, 1.5, 0.1]) }), q4)).toEqual([2, 0, 1]);
  });

  it('is that of the data where reports do not tell, or tell of other data', () => {
    expect(indices(original, measured('old', {}))).toEqual([0, 1, 2]);
    expect(indices(original, q4, () => false)).toEqual([0, 1, 2]);
  });
});

describe('labelled stretches of a text', () => {
  const tag = (label: string, probability = 0.9) => ({ label, probability });
  const tokens = [
    { text: 'Ada', left: tag('B-PER'), right: tag('B-PER') },
    { text: ' Love', left: tag('I-PER', 0.6), right: tag('O') },
    { text: ' in', left: tag('O'), right: tag('O') },
    { text: ' York', left: tag('B-LOC'), right: tag('B-LOC') },
  ];

  it('are whole spans where labels tell them', () => {
    const left = segmentsOf({ tokens, spans: true, cut: false }, 'left');
    expect(left.map(({ text, label }) => [text, label])).toEqual([
      ['Ada Love', 'PER'],
      [' in', undefined],
      [' York', 'LOC'],
    ]);
    expect(left[0].probability).toBe(0.6);
  });

  it('are shared where begin, end and label are the same', () => {
    const { left, right, shared } = sharedSegments({ tokens, spans: true, cut: false });
    expect([left, right, shared.size]).toEqual([2, 2, 1]);
  });

  it('are runs of one label else, and all of the text', () => {
    const runs = segmentsOf({ tokens, spans: false, cut: false }, 'right');
    expect(runs.map(({ text, label }) => [text, label])).toEqual([
      ['Ada', 'B-PER'],
      [' Love in', 'O'],
      [' York', 'B-LOC'],
    ]);
    expect(segmentsOf({ tokens: [], spans: true, cut: false }, 'left')).toEqual([]);
  });
});

describe('sides', () => {
  it('are another pair when either changes, or both are swapped', () => {
    const side = (id: string): Side => ({ id, name: id, adapter: false });
    const pair = { left: side(ORIGINAL), right: side('t1') };
    expect(isSamePair(pair, { ...pair, right: { ...pair.right, name: 'renamed' } })).toBe(true);
    expect(isSamePair(pair, { ...pair, right: side('t2') })).toBe(false);
    expect(isSamePair(pair, { left: pair.right, right: pair.left })).toBe(false);
  });

  it('know the one that has numbers but no file', () => {
    const shipped = measured('q4', {}, { shipped: true });
    expect(withoutFile({ left: original, right: shipped })).toBe(shipped);
    expect(withoutFile({ left: original, right: measured('q4', {}) })).toBeUndefined();
  });

  it('are read token by token only where a step touches the cache', () => {
    const plain = measured('q4', {});
    expect(touchesCache({ left: original, right: plain })).toBe(false);
  });
});

describe('the likeliest classes', () => {
  it('are those that either model finds likeliest, the first of equals answered', () => {
    expect(answerOf([0.2, 0.4, 0.4])).toBe(1);
    expect(likeliestOf([0.5, 0.3, 0.1, 0.1], [0.1, 0.2, 0.1, 0.6], 3)).toEqual([3, 0, 1]);
  });
});

describe('tokens without a shape', () => {
  it('get one', () => {
    expect(visibleText('a\n')).toBe('a↵\n');
    expect(quotedText(' a\n')).toBe('␣a↵');
    expect([visibleText(''), quotedText('')]).toEqual(['∅', '∅']);
  });
});

import { describe, expect, it } from 'vitest';
import { generalProblems, problemsUnder } from './recipe/problems.ts';
import { flipsFirst } from './try/flips.ts';
import { countDifferences, markDifferences, tone } from './try/token-tone.ts';

describe('problems', () => {
  const problems = [
    { path: 'steps[0].options.bits', message: 'a' },
    { path: 'steps[10].target.tensors[0]', message: 'b' },
    { path: 'calibration', message: 'c' },
    { path: 'steps', message: 'd' },
    { path: '', message: 'e' },
  ];
  const under = (prefix: string) => problemsUnder(problems, prefix).map(({ message }) => message);

  it('stand at their field and at all it lies in', () => {
    expect(under('steps[0].options.bits')).toEqual(['a']);
    expect(under('steps[0].options.bit')).toEqual([]);
    expect(under('steps[1]')).toEqual([]);
    expect(under('steps[10].target')).toEqual(['b']);
    expect(under('steps[10].options')).toEqual([]);
  });

  it('of the whole recipe are those that stand nowhere else', () => {
    expect(generalProblems(problems).map(({ message }) => message)).toEqual(['d', 'e']);
  });
});

describe('try it', () => {
  it('marks tokens that differ and colours by KL', () => {
    const step = (id: number) => ({ id, text: `${id}`, probability: 1 });
    const answer = {
      prompt: [],
      original: [1, 2, 3].map(step),
      compressed: [1, 5, 3, 4].map(step),
    };
    expect(countDifferences(answer)).toBe(2);
    expect(markDifferences(answer.compressed, answer.original).map((t) => t.differs)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([tone(undefined), tone(0), tone(0.25), tone(7)]).toEqual([0, 0, 0.5, 1]);
  });

  it('puts changed answers first, surest first', () => {
    const answer = (original: number[], compressed: number[]) => ({
      answer: { labels: ['a', 'b'], original, compressed },
    });
    const cases = [
      answer([0.9, 0.1], [0.8, 0.2]),
      answer([0.9, 0.1], [0.4, 0.6]),
      { answer: undefined },
      answer([0.9, 0.1], [0.1, 0.9]),
    ];
    expect(flipsFirst(cases).map(({ answer: a }) => a?.compressed[1])).toEqual([
      0.9,
      0.6,
      0.2,
      undefined,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { gridPoints } from './grid.ts';
import { setAtPath } from './set-at-path.ts';

const base = { version: 1, steps: [{ method: 'round-to-nearest', options: { bits: 8 } }] };

describe('gridPoints', () => {
  it('is the Cartesian product, the last path changing fastest', () => {
    const vary = { 'steps[0].options.bits': [8, 4], seed: [1, 2] };
    const points = gridPoints(JSON.stringify({ version: 1, base, vary }));
    expect(points.map(({ values }) => Object.values(values))).toEqual([
      [8, 1],
      [8, 2],
      [4, 1],
      [4, 2],
    ]);
    expect(points[2].recipe.seed).toBe(1);
    expect(points[2].recipe.steps[0].options['bits']).toBe(4);
  });

  it('takes presets, whole steps and targets as values', () => {
    const steps = [[], [{ method: 'float16' }]];
    const points = gridPoints({ version: 1, base: 'q4', vary: { steps } });
    expect(points.map(({ recipe }) => recipe.steps.length)).toEqual([0, 1]);
    const target = gridPoints({ version: 1, base, vary: { 'steps[0].target': ['attention'] } });
    expect(target[0].recipe.steps[0].target).toBe('attention');
    expect(gridPoints({ version: 1, base, vary: {} })).toHaveLength(1);
  });

  it('refuses what is no grid, in one sentence', () => {
    const example =
      'A grid looks like {"version": 1, "base": "q4", "vary": {"steps[0].options.bits": [8, 4]}}.';
    expect(() => gridPoints('{')).toThrow(
      `The grid cannot be used; it is not valid JSON. ${example}`,
    );
    expect(() => gridPoints({ version: 2, base, vary: {} })).toThrow(
      'The grid cannot be used; version: ',
    );
    expect(() => gridPoints({ version: 1, base, vary: {}, more: 1 })).toThrow(
      'The grid cannot be used; the document: ',
    );
    expect(() => gridPoints({ version: 1, base: 'q5', vary: {} })).toThrow(
      'There is no preset "q5"',
    );
    const seeds = Array.from({ length: 101 }, (_, i) => i);
    const bits = Array.from({ length: 100 }, () => 8);
    const vary = { seed: seeds, 'steps[0].options.bits': bits };
    expect(() => gridPoints({ version: 1, base, vary })).toThrow(
      'The grid makes 10100 recipes, and at most 10000 can be tried; vary fewer options, or give fewer values.',
    );
  });

  it('checks every recipe before anything runs', () => {
    const vary = { 'steps[0].options.bits': [8, 99] };
    expect(() => gridPoints({ version: 1, base, vary })).toThrow(/^steps\[0\]\.options\.bits: /);
  });
});

describe('setAtPath', () => {
  it('copies what it changes and shares the rest', () => {
    const value = { a: [{ b: 1 }, { c: 2 }], d: {} };
    const changed = setAtPath(value, 'a[0].b', 3) as typeof value;
    expect(changed).toEqual({ a: [{ b: 3 }, { c: 2 }], d: {} });
    expect(value.a[0]).toEqual({ b: 1 });
    expect(changed.a[1]).toBe(value.a[1]);
    expect(changed.d).toBe(value.d);
  });

  it('refuses paths that are none, or lead nowhere, or to a prototype', () => {
    for (const path of ['', 'a..b', 'a[', '[x]', 'a b', '__proto__.x', 'a[-1]']) {
      expect(() => setAtPath({ a: [] }, path, 1)).toThrow(
        `"${path}" is no path in a recipe; write it like steps[0].options.bits.`,
      );
    }
    expect(() => setAtPath({ steps: [] }, 'steps[0].options.bits', 1)).toThrow(
      'The path "steps[0].options.bits" leads nowhere, because the recipe has nothing at "[0]"; the first step is steps[0].',
    );
    expect(() => setAtPath({}, 'constructor.prototype', 1)).toThrow('leads nowhere');
    expect(() => setAtPath([1], '[1]', 1)).toThrow('leads nowhere');
    expect(() => setAtPath({ a: 1 }, 'a.b', 1)).toThrow('leads nowhere');
  });
});

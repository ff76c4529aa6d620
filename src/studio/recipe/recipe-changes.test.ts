import { beforeAll, describe, expect, it } from 'vitest';
import type { Recipe, Step } from '../../core/recipe/types.ts';
import { alignSteps } from './align-steps.ts';
import { methodCard } from './method-card.ts';
import { recipeChanges } from './recipe-changes.ts';
import { loadRegistryCards } from './registry-cards.ts';

beforeAll(loadRegistryCards);

const step = (method: string, options: Step['options'] = {}, more: Partial<Step> = {}): Step => ({
  ...{ method, target: 'all', options },
  ...more,
});
const recipe = (steps: readonly Step[], more: Partial<Recipe> = {}): Recipe => ({
  ...{ version: 1, seed: 0, steps },
  ...more,
});
const changes = (a: Recipe, b: Recipe): string[] => recipeChanges(a, b, ['A', 'B'], methodCard);

describe('steps of two recipes', () => {
  it('are aligned by method, in order', () => {
    const methods = (...list: string[]) => list.map((method) => ({ method }));
    expect(alignSteps(methods('x', 'y', 'z'), methods('y', 'w', 'z'))).toEqual([
      { a: 0 },
      { a: 1, b: 0 },
      { b: 1 },
      { a: 2, b: 2 },
    ]);
    expect(alignSteps([], methods('x'))).toEqual([{ b: 0 }]);
  });
});

describe('what differs between two recipes', () => {
  it('is told step by step, in the words of the method', () => {
    const except = { all: true, except: ['embedding'] } as const;
    const a = recipe([step('smoothquant'), step('gptq', { bits: 4 }, { target: except })]);
    const b = recipe([step('smoothquant'), step('gptq', { bits: 3 })]);
    expect(changes(a, b)).toEqual(['Step 2 GPTQ: bits 4 → 3; all but embedding → all layers']);
  });

  it('names steps that one recipe lacks, and moved ones by both places', () => {
    const a = recipe([step('gptq', { bits: 4 })]);
    const b = recipe([step('dedupe'), step('gptq', { bits: 4 }, { disabled: true })]);
    const [first, second] = changes(a, b);
    expect(first).toMatch(/^Step 1 .+: only in B/);
    expect(second).toBe('Step 2 GPTQ (step 1 there): switched off');
    expect(changes(b, a)[0]).toMatch(/^Step 1 .+: only in A/);
  });

  it('counts defaults as said, and is nothing where only names differ', () => {
    const card = methodCard('gptq');
    const bits = card?.fields.find(({ name }) => name === 'bits')?.default;
    const a = recipe([step('gptq')], { name: 'one' });
    const b = recipe([step('gptq', { bits })], { name: 'another' });
    expect(changes(a, b)).toEqual([]);
  });

  it('tells of calibration, seed, and methods that are not known any more', () => {
    const calibration = { data: 'c.txt', samples: 8, length: 64 };
    const a = recipe([step('gone', { x: 1 })], { calibration });
    const b = recipe([step('gone', { x: 2 })], {
      ...{ seed: 3, calibration: { ...calibration, samples: 16 } },
    });
    expect(changes(a, b)).toEqual([
      'Step 1 gone: x differs',
      'Calibration: samples 8 → 16',
      'Seed: 0 → 3',
    ]);
  });
});

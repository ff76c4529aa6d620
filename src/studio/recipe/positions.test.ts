import { beforeAll, describe, expect, it } from 'vitest';
import type { Recipe } from '../../core/recipe/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { qualityNamed } from '../frontier/quality.ts';
import { madeTrial, ORIGINAL_PERPLEXITY } from '../testing/frontier-trials.ts';
import { defaultOptions, useCatalog, type MethodCard } from './method-card.ts';
import { positionRows } from './position-rows.ts';
import { positionsOf } from './positions.ts';
import { loadRegistryCards } from './registry-cards.ts';

beforeAll(loadRegistryCards);

/** The first method with such an option. */
function found() {
  for (const card of useCatalog.getState().cards) {
    const field = card.fields.find(({ control }) => control === 'positions');
    if (field !== undefined) return { card, field };
  }
  throw new Error('no option has positions');
}

function recipeWith(card: MethodCard, options: Recipe['steps'][number]['options'] = {}): Recipe {
  const step = { method: card.id, target: 'all' as const };
  const steps = [{ ...step, options: { ...defaultOptions(card), ...options } }];
  return { version: 1, seed: 3, name: 'a preset', steps };
}

describe('positions of an option', () => {
  it('go from small to large, each with a recipe that carries no name of a preset', () => {
    const { card, field } = found();
    const positions = positionsOf(recipeWith(card), 0, card, field);
    expect(positions.map(({ value }) => value)).toEqual([2, 3, 4, 5, 6, 8]);
    for (const { value, recipe } of positions) {
      expect(recipe.name).toBeUndefined();
      expect(recipe.seed).toBe(3);
      expect(recipe.steps[0].options).toEqual({ ...defaultOptions(card), [field.name]: value });
    }
  });

  it('are those that the other options allow', () => {
    const { card, field } = found();
    const narrow = positionsOf(recipeWith(card, { parent: 6 }), 0, card, field);
    expect(narrow.map(({ value }) => value)).toEqual([2, 3, 4, 5, 6]);
    expect(positionsOf(recipeWith(card), 1, card, field)).toEqual([]);
  });
});

describe('rows of positions', () => {
  const quality = qualityNamed('perplexity');

  it('hold the newest result of each that was run, and how far it is from the original', () => {
    const { card, field } = found();
    const positions = positionsOf(recipeWith(card), 0, card, field);
    const ran = (at: number, worse: number, index: number): Trial => {
      const made = madeTrial({ name: 'x', bytes: 1000 + index, worse, error: 0.01 }, index);
      return { ...made, recipe: { ...positions[at].recipe, name: 'named later' } };
    };
    const failed: Trial = { ...ran(2, 0, 3), state: 'failed' };
    const trials = [failed, ran(0, 0.4, 2), ran(1, 0.1, 1), ran(1, 0.3, 0)];
    const rows = positionRows(positions, trials, quality);
    expect(rows.map(({ trial }) => trial)).toEqual([
      ...['made-2', 'made-1'],
      ...[undefined, undefined, undefined, undefined],
    ]);
    expect(rows.map(({ bytes }) => bytes).slice(0, 3)).toEqual([1002, 1001, undefined]);
    expect(rows[0].metric?.value).toBe(ORIGINAL_PERPLEXITY + 0.4);
    expect(rows[0].share).toBe(1);
    expect(rows[1].share).toBeCloseTo(0.25, 6);
    expect(rows[2]).toEqual(positions[2]);
  });

  it('have sizes where nothing was measured', () => {
    const { card, field } = found();
    const positions = positionsOf(recipeWith(card), 0, card, field);
    const made = madeTrial({ name: 'x', bytes: 7, worse: 0, error: 0 }, 0);
    const trial = { ...made, recipe: positions[0].recipe };
    const [row] = positionRows(positions, [trial], undefined);
    expect(row).toEqual({ ...positions[0], trial: trial.id, bytes: 7 });
  });
});

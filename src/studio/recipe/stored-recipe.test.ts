import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Recipe } from '../../core/recipe/types.ts';
import type * as recipeStore from '../state/recipe-store.ts';
import { storedRecipe } from './stored-recipe.ts';

const KEPT = {
  name: 'mine',
  seed: 3,
  steps: [{ key: 'a', method: 'gptq', target: 'attention', options: { bits: 4 } }],
};

describe('storedRecipe', () => {
  it('is the document without the page’s own keys', () => {
    const { method, target, options } = KEPT.steps[0];
    expect(storedRecipe(KEPT)).toEqual({
      ...{ version: 1, name: 'mine', seed: 3 },
      steps: [{ method, target, options }],
    });
  });

  it('keeps what is unfinished or of another version, and drops what is no recipe', () => {
    const withStep = (step: object) =>
      storedRecipe({ ...KEPT, steps: [{ ...KEPT.steps[0], ...step }] });
    expect(withStep({ method: 'later' })?.steps[0].method).toBe('later');
    expect(withStep({ options: { bits: 'many' } })?.steps[0].options).toEqual({ bits: 'many' });
    expect(withStep({ target: { tensors: ['/(/'] } })?.steps).toHaveLength(1);
    expect(withStep({ target: 7 })).toBeUndefined();
    expect(withStep({ options: 'none' })).toBeUndefined();
    for (const stored of [undefined, null, 7, [], {}, { steps: 'all' }, { steps: [null] }]) {
      expect(storedRecipe(stored)).toBeUndefined();
    }
    expect(storedRecipe({ ...KEPT, seed: -1 })).toBeUndefined();
  });
});

describe('restoreRecipe', () => {
  let stored: Map<string, string>;

  type Store = typeof recipeStore;
  let visits = 0;

  /** The store as a page finds it that is opened again: another instance of its module. */
  async function openedAgain(): Promise<Store> {
    visits += 1;
    const module = `../state/recipe-store.ts?visit=${visits}`;
    return (await import(/* @vite-ignore */ module)) as Store;
  }

  beforeEach(() => {
    stored = new Map();
    const localStorage = {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => void stored.set(name, value),
      removeItem: (name: string) => void stored.delete(name),
    };
    vi.stubGlobal('window', { localStorage });
    return () => vi.unstubAllGlobals();
  });

  it('puts the recipe of the last visit on the bench, which is no change to undo', async () => {
    const first = await openedAgain();
    first.addStep('gptq', { bits: 4 }, 'attention');
    first.setSeed(5);
    const second = await openedAgain();
    expect(second.currentRecipe().steps).toEqual([]);
    await second.restoreRecipe(storedRecipe);
    expect(second.currentRecipe()).toEqual(first.currentRecipe());
    expect(second.useRecipe.temporal.getState().pastStates).toEqual([]);
  });

  it('takes changes back that were made before the reload, and makes them again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const first = await openedAgain();
    await first.restoreRecipe(storedRecipe);
    first.addStep('gptq', { bits: 4 }, 'attention');
    first.setSeed(5);
    first.setSeed(6);
    first.undo();
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    const second = await openedAgain();
    await second.restoreRecipe(storedRecipe);
    expect(second.currentRecipe()).toMatchObject({ seed: 5 });
    second.redo();
    expect(second.currentRecipe()).toMatchObject({ seed: 6, steps: [{ method: 'gptq' }] });
    second.undo();
    second.undo();
    expect(second.currentRecipe()).toMatchObject({ seed: 0, steps: [{ method: 'gptq' }] });
    second.undo();
    expect(second.currentRecipe().steps).toEqual([]);
  });

  it('drops what of the stored history is no recipe', async () => {
    stored.set('lathe-recipe', JSON.stringify({ state: KEPT, version: 1 }));
    stored.set(
      'lathe-recipe-history',
      JSON.stringify({ past: [7, KEPT, { steps: 1 }], future: 3 }),
    );
    const store = await openedAgain();
    await store.restoreRecipe(storedRecipe);
    expect(store.useRecipe.temporal.getState().pastStates).toHaveLength(1);
    expect(store.useRecipe.temporal.getState().futureStates).toEqual([]);
  });

  it('leaves an empty bench where storage holds no recipe', async () => {
    stored.set('lathe-recipe', JSON.stringify({ state: { steps: [{ target: 1 }] }, version: 1 }));
    const store = await openedAgain();
    await store.restoreRecipe(storedRecipe);
    expect(store.currentRecipe().steps).toEqual([]);
  });

  it('does not take away what a link has brought meanwhile', async () => {
    const linked: Recipe = {
      version: 1,
      seed: 0,
      steps: [{ method: 'wanda', target: 'all', options: {} }],
    };
    const store = await openedAgain();
    store.loadRecipe(linked);
    stored.set('lathe-recipe', JSON.stringify({ state: KEPT, version: 1 }));
    await store.restoreRecipe(storedRecipe);
    expect(store.currentRecipe()).toEqual(linked);
  });
});

import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../core/recipe/types.ts';
import {
  EMPTY_SHELF,
  readShelf,
  renamed,
  shelfText,
  withoutRecipe,
  withPreferred,
  withRecipe,
} from './named-recipes.ts';

const recipe = (bits: number): Recipe => ({
  version: 1,
  seed: 0,
  steps: [{ method: 'gptq', target: 'all', options: { bits } }],
});

const two = withRecipe(withRecipe(EMPTY_SHELF, { name: 'small', recipe: recipe(3) }), {
  name: 'safe',
  recipe: recipe(8),
});
const names = ({ recipes }: { recipes: readonly { name: string }[] }) =>
  recipes.map(({ name }) => name);

describe('the shelf of named recipes', () => {
  it('comes back from storage as it was, each recipe under its name', () => {
    const shelf = withPreferred(two, 'safe');
    expect(readShelf(shelfText(shelf))).toEqual(shelf);
    expect(shelf.recipes[0].recipe.name).toBe('small');
  });

  it('is empty where storage holds none, and leaves out what is no recipe', () => {
    for (const text of [null, '', '7', '{}', '{"version":2,"recipes":[]}']) {
      expect(readShelf(text)).toEqual(EMPTY_SHELF);
    }
    const stored = {
      version: 1,
      recipes: [
        7,
        { name: 'x' },
        { name: '', recipe: recipe(4) },
        { name: 'y', recipe: recipe(4) },
      ],
      preferred: 'x',
    };
    const shelf = readShelf(JSON.stringify(stored));
    expect(names(shelf)).toEqual(['y']);
    expect(shelf.preferred).toBeUndefined();
  });

  it('replaces, renames and deletes; the default goes along', () => {
    const replaced = withRecipe(two, { name: 'small', recipe: recipe(2) });
    expect(names(replaced)).toEqual(['small', 'safe']);
    expect(replaced.recipes[0].recipe.steps[0].options).toEqual({ bits: 2 });
    const preferred = withPreferred(two, 'small');
    expect(renamed(preferred, 'small', 'tiny')).toMatchObject({ preferred: 'tiny' });
    expect(renamed(preferred, 'small', 'safe')).toBe(preferred);
    expect(withoutRecipe(preferred, 'small').preferred).toBeUndefined();
    expect(withPreferred(two, 'nobody').preferred).toBeUndefined();
  });
});

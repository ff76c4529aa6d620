import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../fixtures/layouts/all.ts';
import { pinnedLayout, pinnedSample } from '../support/pins/models.ts';
import { pinOf, type Pin, type PinnedModel } from '../support/pins/pin.ts';
import { CALIBRATED, CHAINS, PLAIN, type PinnedRecipe } from '../support/pins/recipes.ts';

const FILE = new URL('../fixtures/recipe-hashes.json', import.meta.url);
const pins = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Pin | string>;

async function expectPinned(model: PinnedModel, recipes: readonly PinnedRecipe[]): Promise<void> {
  const found: Record<string, Pin | string> = {};
  for (const recipe of recipes) found[`${model.name} ${recipe.name}`] = await pinOf(model, recipe);
  const known = Object.fromEntries(Object.keys(found).map((key) => [key, pins[key]]));
  expect(found).toEqual(known);
}

/** A few of each kind; `tsx tools/pin-hashes.ts --check` takes all of them. */
const SOME = [
  'gpt2 fused',
  'bert plain, opset 13',
  'vit fused',
  'whisper fused',
  't5 gated, fused',
];

describe('recipes give the bytes they always gave', () => {
  it.each(SOME)('%s', async (name) => {
    const fixture = layoutFixtures.find((one) => one.name === name);
    if (fixture === undefined) throw new Error(`There is no fixture "${name}".`);
    await expectPinned(await pinnedLayout(fixture), [...PLAIN, ...CALIBRATED]);
  });

  it('the stories sample', async () => {
    const names = new Set(['deduplicate-gptq-rtn', 'wanda-gptq', 'magnitude-global']);
    const recipes = CHAINS.filter(({ name }) => names.has(name));
    await expectPinned(await pinnedSample('stories'), recipes);
  });
});

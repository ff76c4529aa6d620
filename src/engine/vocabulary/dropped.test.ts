import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel } from '../../../test/support/sample.ts';
import { packTokens } from '../../core/text/vocabulary/token-set.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { countTokens } from './corpus.ts';
import { droppedTokens } from './dropped.ts';

let stories: OpenModel;
const text: TextDataset = {
  kind: 'text',
  name: 'calibration.txt',
  documents: ['Once upon a time there was a cat. The cat was happy.'],
};

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
});

const without = (gone: readonly number[]) => {
  const all = Array.from({ length: 512 }, (_, id) => id);
  const tokens = packTokens(
    all.filter((id) => !gone.includes(id)),
    512,
  );
  return parseRecipe({ version: 1, steps: [{ method: 'vocabulary', options: { tokens } }] });
};

describe('tokens that a recipe takes out', () => {
  it('stand with how often the data holds them, the most frequent first', async () => {
    const counts = countTokens(stories, text);
    const [[often], [seldom]] = [...counts].sort(([, a], [, b]) => b - a).slice(4, 6);
    const unseen = Array.from({ length: 512 }, (_, id) => 511 - id).find((id) => !counts.has(id));
    if (unseen === undefined) throw new Error('all tokens occur');
    const found = await droppedTokens(stories, without([unseen, seldom, often]), text);
    expect(found?.dropped.map(({ id }) => id).at(-1)).toBe(unseen);
    expect(found?.dropped.map(({ count }) => count)).toEqual([
      counts.get(often),
      counts.get(seldom),
      0,
    ]);
    expect(found?.dropped.map(({ text: said }) => said)).toEqual(
      found?.dropped.map(({ id }) => stories.tokenizer?.tokenText(id)),
    );
    const tokens = [...counts.values()].reduce((sum, n) => sum + n, 0);
    expect(found).toMatchObject({
      ...{ size: 512, kept: 509 },
      counted: { name: 'calibration.txt', tokens },
    });
  });

  it('are listed without counts where there is no data', async () => {
    const found = await droppedTokens(stories, without([300, 299]));
    expect(found?.dropped.map(({ id, count }) => [id, count])).toEqual([
      [299, undefined],
      [300, undefined],
    ]);
  });

  it('are none where all stay, or nothing is decided', async () => {
    const steps = (...list: readonly unknown[]) => parseRecipe({ version: 1, steps: list });
    expect(await droppedTokens(stories, steps({ method: 'float16' }))).toBeUndefined();
    expect(await droppedTokens(stories, steps({ method: 'vocabulary' }), text)).toBeUndefined();
  });
});

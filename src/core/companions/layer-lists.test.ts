import { expect, it } from 'vitest';
import { storiesModel } from '../../../test/support/stories.ts';
import { companionJson } from './files.ts';
import { withoutLayerEntries } from './layer-lists.ts';
import type { Companions } from './types.ts';

const { anatomy } = storiesModel();
const files = (config: unknown): Companions => new Map([['config.json', { json: config }]]);

it('takes the entries of blocks that go out of lists of layers, and leaves other lists alone', () => {
  const kinds = ['full', 'sliding', 'full', 'sliding', 'full'];
  const config = {
    layer_types: kinds,
    attention_layers: ['global'],
    architectures: kinds,
    n_layer: 5,
  };
  const slim = companionJson(withoutLayerEntries(files(config), anatomy, [1, 2]), 'config.json');
  expect(slim).toEqual({ ...config, layer_types: ['full', 'sliding', 'full'] });
});

it('gives the very same files where there is no such list', () => {
  const before = files({ n_layer: 5 });
  expect(withoutLayerEntries(before, anatomy, [1])).toBe(before);
  const none: Companions = new Map();
  expect(withoutLayerEntries(none, anatomy, [1])).toBe(none);
});

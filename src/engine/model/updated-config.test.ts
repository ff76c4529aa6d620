import { describe, expect, it } from 'vitest';
import { storiesModel } from '../../../test/support/stories.ts';
import { recognise } from '../../core/anatomy/recognise.ts';
import { freshStudent } from '../../core/methods/distillation/distill/fresh/build.ts';
import { withoutBlocks } from '../../core/methods/distillation/distill/shallow.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { updatedConfig } from './updated-config.ts';

const { model, anatomy } = storiesModel();
const CONFIG = {
  model_type: 'llama',
  vocab_size: 512,
  hidden_size: 64,
  intermediate_size: 172,
  num_hidden_layers: 5,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  max_position_embeddings: 512,
};

describe('config.json of a smaller model', () => {
  it('has the number of blocks of a shallow student', () => {
    const after = recognise(withoutBlocks(model, anatomy, [1, 4]));
    expect(updatedConfig(CONFIG, anatomy, after)).toEqual({ ...CONFIG, num_hidden_layers: 2 });
    const gpt = { n_layer: 5, n_embd: 64, n_inner: null };
    expect(updatedConfig(gpt, anatomy, after)).toEqual({ ...gpt, n_layer: 2 });
  });

  it('has all sizes of a fresh one', async () => {
    const size = { blocks: 3, width: 0.5 };
    const after = recognise(await freshStudent(model, anatomy, size, seededRandom(1)));
    expect(updatedConfig(CONFIG, anatomy, after)).toEqual({
      ...CONFIG,
      hidden_size: 32,
      intermediate_size: 86,
      num_hidden_layers: 3,
      num_attention_heads: 4,
      num_key_value_heads: 2,
    });
  });

  it('stays where nothing changed, where it said something else, and for another layout', () => {
    const after = recognise(withoutBlocks(model, anatomy, [0]));
    expect(updatedConfig(CONFIG, anatomy, anatomy)).toBeUndefined();
    expect(updatedConfig({ num_hidden_layers: 12 }, anatomy, after)).toBeUndefined();
    expect(updatedConfig(CONFIG, anatomy, { ...after, layout: 'transformer' })).toBeUndefined();
    expect(updatedConfig(CONFIG, anatomy, { ...after, blocks: [] })).toBeUndefined();
  });
});

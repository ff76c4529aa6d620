import { describe, expect, it } from 'vitest';
import { storiesModel } from '../../../test/support/stories.ts';
import { recognise } from '../anatomy/recognise.ts';
import { freshStudent } from '../methods/distillation/distill/fresh/build.ts';
import { withoutBlocks } from '../methods/distillation/distill/shallow.ts';
import { seededRandom } from '../random/seeded.ts';
import { planRecipe } from '../recipe/plan.ts';
import { methodById } from '../methods/registry.ts';
import { PRESETS, presetByName } from '../recipe/presets.ts';
import { withSizes } from './config-sizes.ts';
import { companionBytes, companionJson } from './files.ts';
import type { Anatomy } from '../anatomy/types.ts';
import type { Companions } from './types.ts';

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

const files = (config: unknown): Companions => new Map([['config.json', { json: config }]]);

/** The configuration with the sizes of `after`. */
function renewed(config: unknown, after: Anatomy, before: Anatomy = anatomy): unknown {
  return companionJson(withSizes(files(config), before, after), 'config.json');
}

describe('config.json of a smaller model', () => {
  it('has the number of blocks of a shallow student', () => {
    const after = recognise(withoutBlocks(model, anatomy, [1, 4]));
    expect(renewed(CONFIG, after)).toEqual({ ...CONFIG, num_hidden_layers: 2 });
    const gpt = { n_layer: 5, n_embd: 64, n_inner: null };
    expect(renewed(gpt, after)).toEqual({ ...gpt, n_layer: 2 });
  });

  it('counts the blocks of an encoder and of a decoder each for itself', () => {
    const as = (from: Anatomy, stack: 'encoder' | 'decoder'): Anatomy => ({
      ...from,
      blocks: from.blocks.map((block) => ({ ...block, stack })),
    });
    const after = recognise(withoutBlocks(model, anatomy, [1, 4]));
    const of = (config: object, stack: 'encoder' | 'decoder') =>
      renewed(config, as(after, stack), as(anatomy, stack));
    const whisper = { encoder_layers: 5, decoder_layers: 5, num_hidden_layers: 5 };
    expect(of(whisper, 'decoder')).toEqual({ ...whisper, decoder_layers: 2 });
    expect(of(whisper, 'encoder')).toEqual({ ...whisper, encoder_layers: 2, num_hidden_layers: 2 });
    const t5 = { num_layers: 5, num_decoder_layers: 5 };
    expect(of(t5, 'decoder')).toEqual({ ...t5, num_decoder_layers: 2 });
    expect(of(t5, 'encoder')).toEqual({ ...t5, num_layers: 2 });
  });

  it('has all sizes of a fresh one, also after its embedding was quantized', async () => {
    const size = { blocks: 3, width: 0.5 };
    const student = await freshStudent(model, anatomy, size, seededRandom(1));
    const sizes = {
      hidden_size: 32,
      intermediate_size: 86,
      num_hidden_layers: 3,
      num_attention_heads: 4,
      num_key_value_heads: 2,
    };
    const after = recognise(student);
    expect(renewed(CONFIG, after)).toEqual({ ...CONFIG, ...sizes });
    const { recipe } = presetByName('q8');
    const quantized = recognise((await planRecipe(student, after, recipe)).model);
    expect(renewed(CONFIG, quantized)).toEqual({ ...CONFIG, ...sizes });
  });

  it('stays, with all files, where nothing changed and where it said something else', () => {
    const after = recognise(withoutBlocks(model, anatomy, [0]));
    const same = files(CONFIG);
    expect(withSizes(same, anatomy, anatomy)).toBe(same);
    expect(withSizes(same, anatomy, { ...after, blocks: [] })).toBe(same);
    const none: Companions = new Map([['tokenizer.json', { json: {} }]]);
    expect(withSizes(none, anatomy, after)).toBe(none);
    for (const other of [{ num_hidden_layers: 12 }, [], null, 'text', { num_hidden_layers: '5' }]) {
      expect(renewed(other, after)).toEqual(other);
    }
  });

  it('stays under every preset that only quantizes: that changes no size', async () => {
    const families = new Set(['quantization', 'sharing']);
    const quantizing = PRESETS.filter(({ recipe }) =>
      recipe.steps.every(({ method }) => families.has(methodById(method).meta.family)),
    );
    expect(quantizing.length).toBeGreaterThan(5);
    for (const { recipe } of quantizing) {
      const after = recognise((await planRecipe(model, anatomy, recipe)).model);
      expect(renewed(CONFIG, after)).toEqual(CONFIG);
    }
  });

  it('keeps its other fields, and the bytes it had where it stays', () => {
    const bytes = new TextEncoder().encode('{"n_layer":5,\n "later": {"x": [1]}}');
    const read: Companions = new Map([['config.json', { bytes }]]);
    const after = recognise(withoutBlocks(model, anatomy, [0]));
    expect(textOf(withSizes(read, anatomy, after))).toBe(
      '{\n  "n_layer": 1,\n  "later": {\n    "x": [\n      1\n    ]\n  }\n}\n',
    );
    expect(textOf(withSizes(read, anatomy, anatomy))).toBe('{"n_layer":5,\n "later": {"x": [1]}}');
  });

  it('is named when it is no JSON', () => {
    const broken: Companions = new Map([['config.json', { bytes: new Uint8Array([123]) }]]);
    expect(() => withSizes(broken, anatomy, anatomy)).toThrow(
      'The file "config.json" is not valid JSON, so it cannot be used; replace it by the one that belongs to the model.',
    );
  });
});

function textOf(companions: Companions): string {
  const config = companions.get('config.json');
  return config === undefined ? '' : new TextDecoder().decode(companionBytes(config));
}

import { describe, expect, it } from 'vitest';
import { firstStep } from '../../../../../test/support/methods.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { lora } from './lora.ts';
import { meta } from './meta.ts';

const { model, anatomy } = storiesModel();

function prepare(rank: number) {
  const options = meta.options.parse({ rank });
  return lora.plan({ model, anatomy, original: model }, anatomy.layers, options, firstStep);
}

describe('layers that an adapter of some rank is no smaller than', () => {
  it('are left alone with the reason, and the others are trained', async () => {
    // Keys and values are 32 × 64; a rank of 40 fits into the rest.
    const { lines, skipped } = await prepare(40);
    const touched = lines.map(({ layer }) => layer.name);
    expect(touched).toContain('model.layers.0.self_attn.q_proj.weight');
    expect(touched).not.toContain('model.layers.0.self_attn.k_proj.weight');
    expect(skipped).toContainEqual({
      name: 'model.layers.0.self_attn.k_proj.weight',
      reason:
        '"model.layers.0.self_attn.k_proj.weight" is a 32 × 64 matrix, and an adapter of rank 40 would not be smaller than that, so it was left as it is.',
    });
    expect(skipped).toContainEqual({
      name: 'model.embed_tokens.weight',
      reason:
        'LoRA works on MatMul and Gemm, and "model.embed_tokens.weight" is a Gather, so it was left as it is.',
    });
  });

  it('are refused when there is no other', async () => {
    await expect(prepare(64)).rejects.toThrow(
      /^"[\w.]+( \(logits\))?" is a \d+ × \d+ matrix, so an adapter of rank 64 would not be smaller than the matrix itself; choose a rank below 64\.$/,
    );
  });
});

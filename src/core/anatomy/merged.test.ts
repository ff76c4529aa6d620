import { describe, expect, it } from 'vitest';
import { decoderPair, mergedDecoder } from '../../../test/support/merged-decoder.ts';
import { unfoldBranches } from '../onnx/branches/unfold.ts';
import { findLayers } from './layers.ts';
import { recognise } from './recognise.ts';

const MERGED =
  'The model holds two branches, one that starts and one that goes on from a cache; layers and blocks are counted once, and what is done to a weight that both read holds in both.';

async function found(options: Parameters<typeof mergedDecoder>[0]) {
  const model = await unfoldBranches(mergedDecoder(options));
  return { model, anatomy: recognise(model) };
}

describe('the anatomy of a merged decoder', () => {
  it.each(['outside', 'inside'] as const)(
    'is that of the decoder it was made from, weights %s, everything counted once',
    async (weights) => {
      const { model, anatomy } = await found({ weights });
      const alone = recognise(decoderPair()[0]);
      const { blocks, layers, notes, ...facts } = anatomy;
      expect(facts).toMatchObject({ kind: 'transformer', layout: 'GPT-2-like', tiedHead: true });
      expect(facts).toMatchObject({ hiddenSize: 16, vocabularySize: 40 });
      expect(notes).toEqual([MERGED]);
      expect(layers.map(({ name, role, block }) => [name, role, block])).toEqual(
        alone.layers.map(({ name, role, block }) => [name, role, block]),
      );
      expect(blocks.map(({ heads, headSize, stack }) => [heads, headSize, stack])).toEqual(
        Array.from({ length: 3 }, () => [4, 4, 'decoder']),
      );
      expect(findLayers(model).map(({ name }) => name)).toEqual(layers.map(({ name }) => name));
    },
  );

  it('has the nodes of its blocks in the whole graph', async () => {
    const { model, anatomy } = await found({ weights: 'inside' });
    for (const { nodes, output } of anatomy.blocks) {
      const made = nodes.flatMap((index) => model.graph.nodes[index].outputs);
      expect(made).toContain(output);
    }
  });

  it('says for every layer where the other branch reads the same weight', async () => {
    const { model, anatomy } = await found({ weights: 'inside' });
    const makers = new Map(model.graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n] as const)));
    for (const { weight, output, twins } of anatomy.layers) {
      expect(twins, weight).toHaveLength(1);
      const twin = twins?.[0].output ?? '';
      expect(twin).not.toBe(output);
      expect(makers.get(twin)?.inputs).toContain(weight);
    }
  });

  it('leaves out a weight that only the branch with the cache reads, and says so', async () => {
    const { anatomy } = await found({ weights: 'inside', differing: true });
    const own = 'then/transformer.h.0.mlp.c_fc.weight';
    expect(anatomy.layers.map(({ weight }) => weight)).not.toContain(own);
    expect(anatomy.layers.filter(({ twins }) => twins === undefined)).toMatchObject([
      { name: 'transformer.h.0.mlp.c_fc.weight' },
    ]);
    expect(anatomy.notes).toEqual([
      MERGED,
      `Not a layer, because only the branch with the cache reads it, under other values than the branch without: ${own}.`,
    ]);
  });
});

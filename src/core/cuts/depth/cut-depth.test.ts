import { describe, expect, it } from 'vitest';
import { cachedDecoder } from '../../../../test/fixtures/cached-decoder.ts';
import { buildGpt2 } from '../../../../test/fixtures/layouts/gpt2.ts';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import type { Fixture } from '../../../../test/fixtures/layouts/fixture.ts';
import { feedsOf } from '../../../../test/support/layout-feeds.ts';
import {
  cachedFeeds,
  decoderPair,
  mergedDecoder,
  startFeeds,
} from '../../../../test/support/merged-decoder.ts';
import { distance, runModel } from '../../../../test/support/run-model.ts';
import { recognise } from '../../anatomy/recognise.ts';
import type { Anatomy } from '../../anatomy/types.ts';
import { isSkipNorm } from '../../anatomy/residual.ts';
import { unfoldBranches } from '../../onnx/branches/unfold.ts';
import { editGraph } from '../../onnx/graph/edit.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import { indexGraph } from '../../onnx/graph/index-graph.ts';
import { memoryData } from '../../onnx/tensor-data.ts';
import type { Model } from '../../onnx/types.ts';
import { encodedLength } from '../../onnx/write.ts';
import { numbered } from './caches.ts';
import { cutDepth } from './cut-depth.ts';
import type { DepthCut } from './removed.ts';

/** What a cut must equal: the whole model with the branches' last maps and biases zero, or their norm passed by. */
function masked(model: Model, anatomy: Anatomy, cut: DepthCut): Model {
  const index = indexGraph(model.graph);
  const editor = editGraph(model.graph);
  const zeros = new Set<string>();
  for (const block of [...anatomy.blocks].reverse()) {
    for (const part of [...block.subLayers].reverse()) {
      const whole = cut.blocks?.includes(block.index);
      const list =
        part.kind === 'attention'
          ? cut.attention
          : part.kind === 'feed-forward'
            ? cut.feedForward
            : [];
      if (!whole && !list?.includes(block.index)) continue;
      if (anatomy.normPlacement === 'post') {
        editor.replaceUses(part.output, part.input);
        continue;
      }
      const ends = anatomy.layers.filter(
        ({ name, role }) =>
          block.layers.includes(name) && (role === 'down' || role === 'attention-output'),
      );
      // Down projections and attention outputs come in the order of the sub-layers.
      const wanted = block.subLayers.indexOf(part);
      const last = ends[wanted];
      zeros.add(last.weight);
      if (last.bias !== undefined) zeros.add(last.bias);
      for (const node of index.consumers(part.added)) {
        const bias = node.opType === 'SkipLayerNormalization' ? node.inputs[4] : node.inputs[3];
        if (isSkipNorm(node) && bias) zeros.add(bias);
        if (node.opType === 'Add')
          node.inputs.forEach((value) => index.initializer(value) && zeros.add(value));
      }
    }
  }
  const graph = editor.finish();
  const initializers = graph.initializers.map((tensor) =>
    zeros.has(tensor.name)
      ? { ...tensor, data: memoryData(new Uint8Array(tensor.data.byteLength)) }
      : tensor,
  );
  return { ...model, graph: { ...graph, initializers } };
}

async function expectSame(fixture: Fixture, cut: DepthCut): Promise<Model> {
  const model = fixture.model();
  const anatomy = recognise(model);
  const slim = cutDepth(model, anatomy, cut);
  const feeds = feedsOf(model, fixture.feeds);
  const renamed = Object.fromEntries(
    slim.graph.inputs.map(({ name }) => {
      const own = numbered(name);
      const same = model.graph.inputs.filter(
        ({ name: old }) => numbered(old)?.pattern === own?.pattern,
      );
      const removed = new Set([...(cut.blocks ?? []), ...(cut.attention ?? [])]);
      const stay = same.filter(({ name: old }) => !removed.has(numbered(old)?.number ?? -1));
      return [name, feeds[own && stay.length > 0 ? stay[own.number].name : name]];
    }),
  );
  const [found, wanted] = [
    await runModel(slim, renamed),
    await runModel(masked(model, anatomy, cut), feeds),
  ];
  const last = model.graph.outputs.at(-1)?.name ?? '';
  const [y, z] = [found.get(last), wanted.get(last)];
  // Sums of float32 in another order at most.
  expect(distance(y, z)).toBeLessThan(1e-5);
  expect(encodedLength(slim)).toBeLessThan(encodedLength(model));
  return slim;
}

describe.each(layoutFixtures)('$name', (fixture) => {
  const blocks = recognise(fixture.model()).blocks;
  const last = blocks.at(-1)?.index ?? 0;

  it.each([
    ['the block before the last', { blocks: [last - 1] }],
    ['the last attention', { attention: [last] }],
    ['parts of both', { attention: [last - 1], feedForward: [last] }],
  ])('equals the masked model without %s', async (_, cut) => {
    const slim = await expectSame(fixture, cut);
    const found = recognise(slim);
    const whole = 'blocks' in cut ? 1 : 0;
    // Without its attention the feed-forward part belongs to the block before.
    if (whole > 0) expect(found.blocks).toHaveLength(blocks.length - 1);
    expect(found.layers.length).toBeLessThan(recognise(fixture.model()).layers.length);
  });
});

/** Caches as exporters name and keep them. */
describe.each(['pairs', 'fused', 'single', 'half', 'buffer', 'grouped', 'grouped-told'] as const)(
  'a decoder with the cache "%s"',
  (cache) => {
    const model = cachedDecoder({ cache });
    const anatomy = recognise(model);
    const names = (ports: readonly { readonly name: string }[]) =>
      ports.map(({ name }) => name).filter((name) => numbered(name) !== undefined);

    it.each([0, 1])(
      'keeps the ports of the block that stays, under the number 0, without block %i',
      (gone) => {
        const { inputs, outputs } = cutDepth(model, anatomy, { blocks: [gone] }).graph;
        const wanted = (ports: typeof model.graph.inputs) =>
          names(ports).filter((name) => numbered(name)?.number === 0);
        expect(names(inputs)).toEqual(wanted(model.graph.inputs));
        expect(names(outputs)).toEqual(wanted(model.graph.outputs));
      },
    );

    it('has no port left without any attention', () => {
      const { inputs, outputs } = cutDepth(model, anatomy, { attention: [0, 1] }).graph;
      expect(names([...inputs, ...outputs])).toEqual([]);
    });
  },
);

describe('a merged decoder', () => {
  it('is cut in both branches', async () => {
    const model = await unfoldBranches(mergedDecoder({ weights: 'outside', apart: true }));
    const anatomy = recognise(model);
    const slim = cutDepth(model, anatomy, { blocks: [1] });
    expect(slim.graph.outputs.map(({ name }) => name)).toEqual([
      'logits',
      ...[0, 1].flatMap((i) => [`present.${i}.key`, `present.${i}.value`]),
    ]);
    const start = await runModel(slim, startFeeds([3, 17, 5, 30]));
    const next = await runModel(slim, cachedFeeds([8], start));
    const whole = await runModel(slim, startFeeds([3, 17, 5, 30, 8]));
    const scores = (of: typeof start) => of.get('logits')?.data.slice(-40) as Float32Array;
    scores(whole).forEach((value, i) => expect(scores(next)[i]).toBeCloseTo(value, 4));
    const [first] = decoderPair();
    const plain = cutDepth(first, recognise(first), { blocks: [1] });
    const wanted = await runModel(plain, startFeeds([3, 17, 5, 30, 8]));
    expect(distance(whole.get('logits'), wanted.get('logits'))).toBeLessThan(1e-5);
  });
});

it('gives the very same model for an empty cut', () => {
  const model = layoutFixtures[0].model();
  expect(cutDepth(model, recognise(model), {})).toBe(model);
});

it('says which block has no part of the kind', () => {
  const model = layoutFixtures[0].model();
  const anatomy = recognise(model);
  const blocks = anatomy.blocks.map((block) => ({
    ...block,
    subLayers: block.subLayers.slice(0, 1),
  }));
  expect(() => cutDepth(model, { ...anatomy, blocks }, { feedForward: [1] })).toThrow(
    'Block 1 has no feed-forward part that was recognised on the residual stream, so it cannot lose it; choose other blocks, or cut whole blocks.',
  );
});

it('says which input the tokens are counted by when no attention stays', () => {
  const model = buildGpt2({
    ...{ linear: 'gemm', norm: 'operator', head: 'own' },
    opset: 17,
    past: true,
  });
  expect(() => cutDepth(model, recognise(model), { attention: [0, 1, 2] })).toThrow(
    'The model counts its tokens by the cache input "past_key_values.0.key", and no attention with such a cache would be left; keep one more attention.',
  );
});

it('says what stays and reads from inside of what goes', () => {
  const model = layoutFixtures[0].model();
  const { blocks, layers } = recognise(model);
  const down = layers.find(({ block, role }) => block === 0 && role === 'up');
  const editor = editGraph(model.graph);
  // What the first block computes inside reaches the third one beside the stream as well.
  editor.replaceUses(blocks[2].input, 'leaky');
  const wide = makeNode('ReduceSum', [down?.output ?? ''], ['wide'], { axes: [-1], keepdims: 1 });
  const flat = makeNode('ReduceMax', ['wide'], ['flat'], { keepdims: 0 });
  editor.addNodes(wide, flat, makeNode('Add', [blocks[2].input, 'flat'], ['leaky']));
  const leaky = { ...model, graph: editor.finish() };
  const anatomy = recognise(model);
  const place = new Map(leaky.graph.nodes.map(({ outputs }, at) => [outputs[0], at]));
  const moved = blocks.map((block) => ({
    ...block,
    nodes: block.nodes.flatMap((at) => place.get(model.graph.nodes[at].outputs[0]) ?? []),
  }));
  const query = layers.find(({ block }) => block === 2)?.output;
  expect(() => cutDepth(leaky, { ...anatomy, blocks: moved }, { blocks: [0] })).toThrow(
    `"${query}" stays and depends on a value from inside of what is to be cut, other than through the residual stream, so that part cannot go; choose other blocks.`,
  );
});

import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { interpret } from '../../../test/support/interpret/interpret.ts';
import { f64FromValue } from '../../../test/support/interpret/value.ts';
import { bindingsOf, feedsOf } from '../../../test/support/layout-feeds.ts';
import { recognise } from '../anatomy/recognise.ts';
import { normalise } from '../autodiff/normalise/normalise.ts';
import { attentionFinder, type BlockAttention } from './block-attention.ts';
import { normaliseFor } from './compared-values.ts';
import type { Objective } from './objective.ts';

const NAMES = [
  'gpt2 plain, opset 11',
  'gpt2 fused',
  'opt plain, opset 12',
  'opt fused',
  'llama halves, opset 13',
  'llama halves, GroupQueryAttention',
  'llama pairs, RotaryEmbedding',
  'llama pairs, opset 23',
  'bert plain, opset 13',
  'bert fused, Attention',
  'bert fused, MultiHeadAttention',
  'vit plain, opset 17',
  'vit fused',
];

async function attentions(name: string) {
  const fixture = layoutFixtures.find((one) => one.name === name);
  if (fixture === undefined) throw new Error(`No fixture is called ${name}.`);
  const model = fixture.model();
  const { blocks } = recognise(model);
  const feeds = feedsOf(model, fixture.feeds);
  const [batch, length] = Object.values(feeds)[0].dims;
  const stream = blocks.flatMap(({ input, output }) => [input, output]);
  const places = blocks.map(({ index, output }) => ({ index, output, stream }));
  const pairs = places.map((place) => ({ student: place, teacher: place }));
  const objective: Objective = [{ kind: 'attention', weight: 1, pairs }];
  const images = name.startsWith('vit');
  const shape = images ? { batch } : { batch, length };
  // The grouped fixtures take an empty cache, whose length is no size of a batch.
  const normal = name.includes('Group')
    ? normalise({ ...model, graph: { ...model.graph, outputs: streamOutputs() } }, bindings())
    : normaliseFor(model, 'student', objective, shape);
  const find = attentionFinder(normal, batch);
  return { model, blocks, normal, feeds, found: places.map(find) };

  function bindings() {
    return bindingsOf(model, feeds);
  }

  function streamOutputs() {
    return [...model.graph.outputs, ...blocks.map(({ output }) => ({ name: output }))];
  }
}

describe.each(NAMES)('%s', (name) => {
  it('has an attention map, queries, keys and values in every block', async () => {
    const { blocks, normal, feeds, found } = await attentions(name);
    expect(found).toHaveLength(blocks.length);
    const inputs = Object.entries(feeds).map(([key, value]) => [key, f64FromValue(value)] as const);
    const values = interpret(normal, Object.fromEntries(inputs));
    found.forEach((attention, at) => {
      if (attention === undefined) throw new Error(`Block ${at} has none.`);
      const { map, query, key, value } = attention;
      const { heads, keyValueHeads, headSize } = blocks[at];
      expect(map.dims[1]).toBe(heads);
      expect(query?.dims[3]).toBe(headSize);
      expect((key?.dims[1] ?? 0) / (key?.copies ?? 1)).toBe(keyValueHeads);
      expect((value?.dims[1] ?? 0) / (value?.copies ?? 1)).toBe(keyValueHeads);
      expect(reproduced(attention, values)).toBeLessThan(1e-6);
    });
  });
});

/** Largest difference of the shares from softmax(q·kᵀ/√d) over the tokens that may be seen. */
function reproduced(
  { map, query, key }: BlockAttention,
  values: ReturnType<typeof interpret>,
): number {
  if (query === undefined || key === undefined) return Infinity;
  const [batch, heads, tokens] = map.dims;
  const size = query.dims[3];
  const shares = values.get(map.shares)?.data ?? [];
  const [q, k] = [query, key].map((part) => values.get(part.value)?.data ?? []);
  const group = heads / key.dims[1];
  let worst = 0;
  for (let row = 0; row < batch * heads * tokens; row++) {
    const [example, head, token] = [
      Math.floor(row / (heads * tokens)),
      Math.floor(row / tokens) % heads,
      row % tokens,
    ];
    const keyHead = example * key.dims[1] + Math.floor(head / group);
    const own = shares.slice(row * tokens, (row + 1) * tokens);
    const scores = [...own].map((share, j) => {
      let dot = 0;
      for (let c = 0; c < size; c++) {
        // Keys stand turned at the product: head size before tokens.
        dot +=
          q[((example * heads + head) * tokens + token) * size + c] *
          k[(keyHead * size + c) * tokens + j];
      }
      return share > 0 ? dot / (query.factor * key.factor * Math.sqrt(size)) : -Infinity;
    });
    const largest = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    powers.forEach((power, j) => (worst = Math.max(worst, Math.abs(power / sum - own[j]))));
  }
  return worst;
}

it('finds nothing in a block whose softmax is gone', async () => {
  const { normal, blocks } = await attentions('bert plain, opset 13');
  const nodes = normal.graph.nodes.map((node) =>
    node.opType === 'Softmax' ? { ...node, opType: 'Relu', attributes: [] } : node,
  );
  const find = attentionFinder({ ...normal, graph: { ...normal.graph, nodes } }, 2);
  const [{ output, input }] = blocks;
  expect(find({ index: 0, output, stream: [input, output] })).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { encodedLength } from '../../../onnx/write.ts';
import { shareKv } from '../share-kv/share-kv.ts';
import { madeBy, withEqualBlocks } from '../testing.ts';
import { shareBlocks } from './share-blocks.ts';

const all = { size: 64, arrangement: 'neighbours', values: 'least-squares' } as const;
const CHOSEN = [
  'gpt2 with cache',
  'llama halves, GroupQueryAttention',
  'bert plain, opset 18',
  'whisper fused',
];

describe.each(layoutFixtures.filter(({ name }) => CHOSEN.includes(name)))('$name', (fixture) => {
  const model = fixture.model();
  const feeds = feedsOf(model, fixture.feeds);
  const last = model.graph.outputs.at(-1)?.name ?? '';

  it.each([
    ['blocks', shareBlocks],
    ['keys and values', shareKv],
  ] as const)('gives exactly the same answers where %s were equal already', async (_, method) => {
    const equal = withEqualBlocks(model);
    const { model: shared, plan } = await madeBy(method, equal, all);
    const packed = recognise(model).layers.some(({ role }) => role === 'query-key-value');
    if (packed && method === shareKv) return expect(shared).toBe(equal);
    expect(encodedLength(shared)).toBe(encodedLength(plan.model));
    expect(encodedLength(shared)).toBeLessThan(encodedLength(model));
    const [y, z] = [await runModel(shared, feeds), await runModel(equal, feeds)];
    expect(distance(y.get(last), z.get(last))).toBe(0);
  });

  it('stores one weight for all blocks of a stack', async () => {
    const { model: shared, plan } = await madeBy(shareBlocks, model, all);
    const stacks = new Set(recognise(model).blocks.map(({ stack }) => stack)).size;
    const weights = (of: typeof model) =>
      new Set(
        recognise(of)
          .layers.filter(({ block }) => block !== undefined)
          .map(({ weight }) => weight),
      );
    const { blocks } = recognise(model);
    expect(weights(shared).size).toBe((weights(model).size * stacks) / blocks.length);
    const saved = plan.lines.reduce((sum, line) => sum + line.bytesBefore - line.bytesAfter, 0);
    const less = encodedLength(model) - encodedLength(shared);
    // Names and dims of the tensors go with them.
    expect(less).toBeGreaterThanOrEqual(saved);
    expect(less - saved).toBeLessThan(128 * plan.lines.length);
    const [y, z] = [await runModel(shared, feeds), await runModel(model, feeds)];
    expect(distance(y.get(last), z.get(last))).toBeGreaterThan(1e-4);
  });
});

describe('what is not shared', () => {
  const model = layoutFixtures.find(({ name }) => name === 'llama halves, opset 13')?.model();
  if (model === undefined) throw new Error('The fixture is gone.');

  it('is said of a weight of another shape and of one that is shared already', async () => {
    const once = await madeBy(shareBlocks, model, all);
    const again = await madeBy(shareBlocks, once.model, all);
    expect(again.model).toBe(once.model);
    const { name } = recognise(once.model).layers.find(({ role }) => role === 'query') ?? {
      name: '',
    };
    expect(again.plan.skipped).toContainEqual({
      name,
      reason: `"${name}" reads the same weight as the others already, so there is nothing to share.`,
    });
  });

  it('is what is not pointed at, and what stands alone', async () => {
    const { plan } = await madeBy(
      shareBlocks,
      model,
      { ...all, size: 2 },
      ({ role }) => role === 'up',
    );
    expect(plan.lines.map(({ layer }) => [layer.role, layer.block])).toEqual([
      ['up', 0],
      ['up', 1],
    ]);
    expect(plan.work[0]).toMatchObject({
      kind: 'fill',
      look: [{ take: ['moments'] }, { take: ['moments'] }],
    });
  });

  it('is packed queries, keys and values', async () => {
    const packed = layoutFixtures[0].model();
    const { plan } = await madeBy(shareKv, packed, all);
    const [{ name }] = recognise(packed).layers.filter(({ role }) => role === 'query-key-value');
    expect(plan.skipped[0]).toEqual({
      name,
      reason: `"${name}" holds queries, keys and values in one weight, of which a part cannot be shared alone, so it was left as it is.`,
    });
  });
});

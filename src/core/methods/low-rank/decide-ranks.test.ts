import { describe, expect, it } from 'vitest';
import { randomFloats } from '../../../../test/fixtures/methods/models.ts';
import { activations, seenOf } from '../../../../test/fixtures/methods/statistics.ts';
import { firstStep } from '../../../../test/support/methods.ts';
import { recognise } from '../../anatomy/recognise.ts';
import { GraphBuilder } from '../../onnx/build/graph-builder.ts';
import { sizeOf } from '../../onnx/size.ts';
import type { Model } from '../../onnx/types.ts';
import { nothingSeen } from '../../statistics/seen.ts';
import type { Ground, Method, Oracle } from '../contract.ts';
import { readWeight } from '../weight.ts';
import { activationSvd } from './activation-svd/activation-svd.ts';
import { meta as activationMeta } from './activation-svd/meta.ts';
import { meta as svdMeta } from './svd/meta.ts';
import { svd } from './svd/svd.ts';

/** y = x·A·B·C: A of rank 3 and a little noise, B and C with nothing to cut, C small. */
function chain(): Model {
  const g = new GraphBuilder('chain');
  const x = g.input('x', 'float32', [1, 5, 40]);
  const thin = new Float32Array(40 * 40);
  const [l, r] = [randomFloats(40 * 3, 1), randomFloats(3 * 40, 2)];
  for (let i = 0; i < 40; i++)
    for (let j = 0; j < 40; j++)
      for (let k = 0; k < 3; k++) thin[i * 40 + j] += l[i * 3 + k] * r[k * 40 + j];
  const noise = randomFloats(1600, 3);
  const a = g.floats(
    'a',
    [40, 40],
    thin.map((value, i) => value + 0.01 * noise[i]),
  );
  const b = g.floats('b', [40, 40], randomFloats(1600, 4));
  const c = g.floats('c', [40, 8], randomFloats(320, 5));
  const y = g.op('MatMul', [g.op('MatMul', [g.op('MatMul', [x, a]), b]), c]);
  g.output(y, 'float32', [1, 5, 8], 'y');
  return g.finish({ opset: 17, irVersion: 8 });
}

const model = chain();
const ground: Ground = { model, anatomy: recognise(model), original: model };
const { layers } = ground.anatomy;
const seen = seenOf(layers, ({ inFeatures }) => activations(100, inFeatures, 3));

function oracle<O>(method: Method<O>): Oracle<O> {
  const plan = (options: O) => method.plan(ground, layers, options, firstStep);
  return {
    progress: () => {},
    note: () => {},
    weight: (layer) => readWeight(model, layer),
    plan,
    fileBytes: async (options) => sizeOf((await plan(options)).model).totalBytes,
    seen: async (looks) => (looks.length === 0 ? nothingSeen : seen),
    losses: () => Promise.reject(new Error('No losses are measured here.')),
    files: () => Promise.reject(new Error('No files are beside the model.')),
    tokenCounts: () => Promise.reject(new Error('No tokens are counted here.')),
  };
}

async function decide(given: object) {
  const options = svdMeta.options.parse(given);
  const decided = await svd.decide?.(ground, layers, options, oracle(svd));
  if (decided === undefined) throw new Error('Nothing was decided.');
  const plan = await svd.plan(ground, layers, decided, firstStep);
  return { decided, plan, ranks: layers.map(({ name }) => decided.rankPerLayer?.[name] ?? 0) };
}

const bytesOf = (plan: { readonly lines: readonly { readonly bytesAfter: number }[] }): number =>
  plan.lines.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0);

describe('ranks that data decides', () => {
  it('energy: the least rank that keeps the share, which for noise is above break-even', async () => {
    const { ranks, plan } = await decide({ ranks: 'energy', energy: 0.9 });
    expect(ranks[0]).toBeLessThanOrEqual(3);
    expect(ranks[1]).toBeGreaterThan(20);
    expect(plan.lines.map(({ layer }) => layer.name)).toEqual([layers[0].name]);
    expect(plan.skipped[0].reason).toBe(
      `"${layers[1].name}" is 40×40, and two factors take fewer bytes only below rank 20 (break-even); rank ${ranks[1]} would save nothing, so it was left as it is: choose a rank of at most 19.`,
    );
    const more = await decide({ ranks: 'energy', energy: 0.5 });
    expect(more.ranks[1]).toBeLessThan(ranks[1]);
  });

  it('loss: the share of all bytes, given where most would be lost', async () => {
    const { ranks, plan } = await decide({ ranks: 'loss', ratio: 0.5 });
    expect(ranks[0]).toBeLessThan(6);
    expect(ranks[1]).toBeGreaterThan(12);
    const whole = 4 * (1600 + 1600 + 320);
    expect(bytesOf(plan)).toBeLessThanOrEqual(0.5 * whole);
    // No further rank would have fitted.
    expect(bytesOf(plan)).toBeGreaterThan(0.5 * whole - 4 * 80);
  });

  it('budget: the whole file stays within it, and grows with it', async () => {
    const before = sizeOf(model).totalBytes;
    const made = await Promise.all(
      [0.6, 0.8].map((share) => decide({ ranks: 'budget', budget: Math.floor(share * before) })),
    );
    const bytes = made.map(({ plan }) => sizeOf(plan.model).totalBytes);
    expect(bytes[0]).toBeLessThanOrEqual(0.6 * before);
    expect(bytes[1]).toBeLessThanOrEqual(0.8 * before);
    expect(bytes[1]).toBeGreaterThan(bytes[0]);
  });

  it('a closed recipe decides nothing, and the same one is decided the same', async () => {
    const [one, two] = [await decide({ ranks: 'loss' }), await decide({ ranks: 'loss' })];
    expect(one.decided).toEqual(two.decided);
    expect(await svd.decide?.(ground, layers, one.decided, oracle(svd))).toBeUndefined();
    expect(
      await svd.decide?.(ground, layers, svdMeta.options.parse({}), oracle(svd)),
    ).toBeUndefined();
  });

  it('inputs of few directions need fewer of them than the weights alone', async () => {
    const options = activationMeta.options.parse({ ranks: 'energy' });
    const own = await activationSvd.decide?.(ground, layers, options, oracle(activationSvd));
    const { ranks } = await decide({ ranks: 'energy' });
    expect(own?.rankPerLayer?.[layers[1].name]).toBeLessThan(ranks[1] / 2);
  });

  it('an open plan says how many bytes it takes at most', async () => {
    const open = svdMeta.options.parse({ ranks: 'energy' });
    const plan = await svd.plan(ground, layers, open, firstStep);
    expect(plan.atMost).toBeGreaterThan(
      sizeOf((await decide({ ranks: 'energy' })).plan.model).totalBytes,
    );
    const closed = await svd.plan(ground, layers, svdMeta.options.parse({}), firstStep);
    expect(closed.atMost).toBeUndefined();
    const budget = svdMeta.options.parse({ ranks: 'budget', budget: 9000 });
    expect((await svd.plan(ground, layers, budget, firstStep)).atMost).toBe(9000);
  });

  it('refuses what cannot be decided', async () => {
    await expect(decide({ ranks: 'budget' })).rejects.toThrow(
      'The rank of each layer is to be decided, and nothing says how large the file may be; set the budget to the most bytes it may take.',
    );
    await expect(decide({ ranks: 'budget', budget: 100 })).rejects.toThrow(
      /^With the smallest ranks in every chosen layer the file takes \d+ bytes, and the budget is 100; raise it, choose more layers, or prune or quantize the model instead\.$/,
    );
  });
});

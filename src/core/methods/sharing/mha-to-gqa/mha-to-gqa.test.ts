import { describe, expect, it } from 'vitest';
import { gpt2Fixtures } from '../../../../../test/fixtures/layouts/gpt2.ts';
import { llamaFixtures } from '../../../../../test/fixtures/layouts/llama.ts';
import { context, momentsOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { seeded } from '../../../../../test/fixtures/methods/models.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { withSizes } from '../../../companions/config-sizes.ts';
import { companionJson } from '../../../companions/files.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { fillHoles } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { lookKey } from '../../../statistics/look.ts';
import { nothingSeen, seenIn, type Seen } from '../../../statistics/seen.ts';
import type { Ground, StepPlan } from '../../contract.ts';
import { mhaToGqa } from './mha-to-gqa.ts';
import { meta, type MhaToGqaOptions } from './meta.ts';
import { shares } from './shares.ts';

const [llama] = llamaFixtures;
const [gpt2] = gpt2Fixtures;

const options = (given: Partial<MhaToGqaOptions>): MhaToGqaOptions => meta.options.parse(given);

function groundOf(model: Model): Ground {
  return { model, anatomy: recognise(model), original: model };
}

function planOf(ground: Ground, given: Partial<MhaToGqaOptions>): Promise<StepPlan> {
  return mhaToGqa.plan(ground, ground.anatomy.layers, options(given), firstStep);
}

async function made(ground: Ground, plan: StepPlan, seen: Seen): Promise<Model> {
  const [work] = plan.work;
  if (work?.kind !== 'fill') throw new Error('It fills nothing.');
  return fillHoles(plan.model, await work.fill(ground, seen, context));
}

/** Second moments of what the queries' layers would be fed with. */
function momentsFor(plan: StepPlan, seed = 5): Seen {
  const [work] = plan.work;
  const looks = (work?.kind === 'fill' ? work.look : undefined) ?? [];
  const next = seeded(seed);
  return seenIn(
    new Map(
      looks.map((look) => {
        const columns = look.rowsOf?.inFeatures ?? 1;
        const rows = Float32Array.from({ length: 64 * columns }, next);
        return [lookKey(look, 'moments'), momentsOf(rows, columns)];
      }),
    ),
  );
}

describe('grouped queries', () => {
  it('are the model itself where heads are already equal', async () => {
    const ground = groundOf(withEqualHeads(llama.model()));
    const feeds = feedsOf(ground.model, llama.feeds);
    const before = await runModel(ground.model, feeds);
    for (const pool of ['mean', 'least-squares'] as const) {
      const plan = await planOf(ground, { count: 1, pool });
      const after = await runModel(await made(ground, plan, momentsFor(plan)), feeds);
      expect(distance(before.get('logits'), after.get('logits'))).toBeLessThan(1e-5);
    }
  });

  it('say so in config.json, and shrink the file', async () => {
    const ground = groundOf(llama.model());
    const plan = await planOf(ground, { count: 1 });
    const config = { num_attention_heads: 4, num_key_value_heads: 2 };
    const files = withSizes(
      new Map([['config.json', { json: config }]]),
      ground.anatomy,
      recognise(plan.model),
    );
    expect(companionJson(files, 'config.json')).toEqual({ ...config, num_key_value_heads: 1 });
    for (const { layer, bytesBefore, bytesAfter } of plan.lines) {
      expect([layer.role, bytesAfter]).toEqual([layer.role, bytesBefore / 2]);
    }
    expect(new Set(plan.lines.map(({ layer }) => layer.role))).toEqual(new Set(['key', 'value']));
  });

  it('look at what makes the queries, and react to it', async () => {
    const ground = groundOf(gpt2.model());
    const plan = await planOf(ground, { count: 1 });
    const one = await made(ground, plan, momentsFor(plan, 1));
    const same = await made(ground, plan, momentsFor(plan, 1));
    const other = await made(ground, plan, momentsFor(plan, 2));
    expect(await bytesOf(one)).toEqual(await bytesOf(same));
    expect(await bytesOf(one)).not.toEqual(await bytesOf(other));
    await expect(made(ground, plan, nothingSeen)).rejects.toThrow(
      /^Grouped queries needs calibration data to know what "[^"]+" is fed with, and none was given; add calibration data or choose a method that needs none\.$/,
    );
    expect((await planOf(ground, { pool: 'mean' })).work[0]).not.toHaveProperty('look');
  });

  it('are warned of where config.json has no word for them', async () => {
    const { warnings } = await planOf(groundOf(gpt2.model()), { count: 1 });
    expect(warnings).toEqual([
      'The config.json of a GPT-2-like model has no field for heads of keys and values, so a loader that makes an empty cache from it makes one of the old size; ONNX runtimes and Lathe read the sizes from the graph.',
    ]);
    expect(await planOf(groundOf(llama.model()), { count: 1 })).not.toHaveProperty('warnings');
  });
});

describe('heads that cannot be pooled', () => {
  it('are not divisible, or already as many', async () => {
    const ground = groundOf(gpt2.model());
    const heads = ground.anatomy.blocks[0].keyValueHeads ?? 0;
    const [name] = ground.anatomy.layers.flatMap((l) =>
      l.role === 'attention-output' ? l.name : [],
    );
    const odd = await planOf(ground, { count: heads + 1 });
    expect(odd.skipped[0]).toEqual({
      name,
      reason: `The ${heads} heads of keys and values in front of "${name}" cannot become ${heads + 1} of equal weight, because ${heads + 1} does not divide ${heads}; choose a divisor.`,
    });
    const same = await planOf(ground, { count: heads });
    expect(same.work).toEqual([]);
    expect(same.skipped[0].reason).toBe(
      `The attention in front of "${name}" has ${heads} heads of keys and values already, so they stay.`,
    );
  });

  it('are in no attention', async () => {
    const ground = groundOf(llama.model());
    const layers = ground.anatomy.layers.filter(({ role }) => role === 'up');
    const { skipped } = await mhaToGqa.plan(ground, layers, options({}), firstStep);
    expect(skipped[0].reason).toBe(
      `"${layers[0].name}" belongs to no attention whose output projection was recognised among the chosen layers, so there are no keys and values of it to pool.`,
    );
  });
});

describe('shares of heads', () => {
  /** A symmetric positive definite matrix. */
  const random = (n: number, seed: number): Float64Array => {
    const next = seeded(seed);
    const x = Float64Array.from({ length: 3 * n * n }, next);
    return Float64Array.from({ length: n * n }, (_, i) => {
      const [a, b] = [Math.floor(i / n), i % n];
      let sum = 0;
      for (let r = 0; r < 3 * n; r++) sum += x[r * n + a] * x[r * n + b];
      return sum;
    });
  };

  it('add up to the identity', () => {
    const found = shares([random(4, 1), random(4, 2), random(4, 3), random(4, 4)], 2);
    for (const first of [0, 2]) {
      for (let i = 0; i < 16; i++) {
        const total = found[first][i] + found[first + 1][i];
        expect(total).toBeCloseTo(i % 5 === 0 ? 1 : 0, 9);
      }
    }
  });

  it('leave less of tr(ΔW·ΔWᵀ·A) than any mean', () => {
    const n = 4;
    const a = [random(n, 5), random(n, 6)];
    const w = [7, 8].map((seed) => Float64Array.from({ length: n }, seeded(seed)));
    const [m0, m1] = shares(a, 2);
    const apply = (m: Float64Array, x: Float64Array) =>
      x.map((_, i) => x.reduce((sum, value, j) => sum + m[i * n + j] * value, 0));
    const cost = (pooled: Float64Array) =>
      w.reduce((sum, own, h) => {
        const delta = own.map((value, i) => value - pooled[i]);
        return sum + apply(a[h], delta).reduce((s, value, i) => s + value * delta[i], 0);
      }, 0);
    const [left, right] = [apply(m0, w[0]), apply(m1, w[1])];
    const best = cost(left.map((value, i) => value + right[i]));
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      expect(best).toBeLessThan(
        cost(w[0].map((value, i) => share * value + (1 - share) * w[1][i])),
      );
    }
  });
});

/** The second half of the columns of keys and values is the first. */
function withEqualHeads(model: Model): Model {
  const { layers } = recognise(model);
  const own = new Set(
    layers.flatMap(({ role, weight }) => (role === 'key' || role === 'value' ? weight : [])),
  );
  const initializers = model.graph.initializers.map((tensor) => {
    if (!own.has(tensor.name)) return tensor;
    const values = new Float32Array((tensor.data.readSync?.() ?? new Uint8Array()).slice().buffer);
    const columns = tensor.dims[1];
    const equal = values.map((_, i) => values[i - (i % columns) + (i % (columns / 2))]);
    return makeTensor(tensor.name, tensor.dims, equal);
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

async function bytesOf({ graph }: Model): Promise<string> {
  const all = await Promise.all(graph.initializers.map(({ data }) => data.read()));
  return all.map((bytes) => Buffer.from(bytes).toString('base64')).join();
}

import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../../../test/support/methods.ts';
import { distance, longs, runModel } from '../../../../../test/support/run-model.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { writeEncodings, type Encoded } from '../../../encodings/index.ts';
import type { Model } from '../../../onnx/types.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { toFloat32 } from '../../../tensor/convert.ts';
import { elementCount } from '../../../tensor/data-type.ts';
import { withoutBlocks } from '../../distillation/distill/shallow.ts';
import { readWeight } from '../../weight.ts';
import { heal } from './heal.ts';
import { meta, type HealOptions } from './meta.ts';

const { model, anatomy } = storiesModel();
const layers = anatomy.layers.filter(({ role }) => role === 'up' || role === 'down');
const ids = { input_ids: longs([1, 6], [1, 403, 407, 261, 378, 57]) };

function prepare(ground: Model, targets: readonly Layer[], options: Partial<HealOptions> = {}) {
  const given = { anatomy, original: model };
  return trainingOf(heal, ground, targets, meta.options.parse(options), given);
}

async function encoded(of: (layer: Layer, values: Float32Array) => Encoded): Promise<Model> {
  const all = layers.map(async (layer) => ({
    layer,
    encoded: of(layer, (await readWeight(model, layer)).values),
  }));
  return writeEncodings(model, await Promise.all(all)).model;
}

async function values(of: Model, name: string): Promise<Float32Array> {
  const tensor = of.graph.initializers.find((found) => found.name === name);
  if (tensor === undefined) throw new Error(`There is no "${name}".`);
  return toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims)).slice();
}

/** As after training: every initializer of these names moved by a little. */
async function moved(student: Model, names: readonly string[]): Promise<Model> {
  const initializers = student.graph.initializers.map(async (tensor) => {
    if (!names.includes(tensor.name)) return tensor;
    const before = await values(student, tensor.name);
    return makeTensor(
      tensor.name,
      tensor.dims,
      before.map((value, at) =>
        value === 0 && tensor.name.includes('weight') && !tensor.name.includes('heal_')
          ? 0
          : value + 0.01 * Math.sin(at + 1),
      ),
    );
  });
  return { ...student, graph: { ...student.graph, initializers: await Promise.all(initializers) } };
}

/** Every third entry is zero. */
const thinned = (array: Float32Array) => array.map((value, at) => (at % 3 === 0 ? 0 : value));
const plain = (array: Float32Array): Encoded => ({ kind: 'plain', dataType: 1, values: array });

describe('a low-rank change of pruned weights', async () => {
  const pruned = await encoded((_, all) => plain(thinned(all)));
  const posed = await prepare(pruned, layers, {
    how: 'lora',
    rank: 4,
  });

  const { student, trainable, keepZeros } = posed;

  it('changes nothing before training', async () => {
    const [one, other] = [await runModel(student, ids), await runModel(pruned, ids)];
    expect(distance(one.get('logits'), other.get('logits'))).toBe(0);
  });

  it('is added into the weights without losing a zero: the same function to float32', async () => {
    const trained = await moved(student, trainable);
    const merged = await posed.filled(trained);
    const [one, other] = [await runModel(merged, ids), await runModel(trained, ids)];
    expect(distance(one.get('logits'), other.get('logits'))).toBeLessThan(1e-4);
    for (const { weight } of layers) {
      const [before, after] = [await values(pruned, weight), await values(merged, weight)];
      expect([...after.keys()].filter((at) => after[at] === 0)).toEqual(
        [...before.keys()].filter((at) => before[at] === 0),
      );
      expect(after).not.toEqual(before);
    }
  });

  it('lets the zero matrix it begins with grow', () => {
    expect(trainable.some((name) => name.endsWith('.heal_B'))).toBe(true);
    expect(keepZeros).toEqual([]);
  });
});

it.each(['full', 'lora'] as const)(
  'how "%s": kept values of sparse weights come out of the matrix they were trained as',
  async (how) => {
    const sparse = await encoded((_, all) => {
      const mask = Uint8Array.from(all, (_value, at) => Number(at % 3 !== 0));
      const kept = all.filter((_value, at) => at % 3 !== 0);
      return { kind: 'masked', keep: kept.length, mask, values: plain(kept) };
    });
    const posed = await prepare(sparse, layers, { how, rank: 4 });
    const trained = await moved(posed.student, posed.trainable);
    const [one, other] = [
      await runModel(await posed.filled(trained), ids),
      await runModel(trained, ids),
    ];
    expect(distance(one.get('logits'), other.get('logits'))).toBeLessThan(1e-4);
    expect(
      distance(one.get('logits'), (await runModel(sparse, ids)).get('logits')),
    ).toBeGreaterThan(0.01);
  },
);

it('both factors of a low-rank weight are trained', async () => {
  const factored = await encoded(({ outFeatures, inFeatures }, all) => ({
    kind: 'product',
    rank: 3,
    left: plain(all.slice(0, 3 * outFeatures)),
    right: plain(all.slice(0, 3 * inFeatures)),
  }));
  const { trainable, plan } = await prepare(factored, layers);
  const factors = factored.graph.initializers.filter(({ name }) => /_(left|right)_/.test(name));
  expect(factors).toHaveLength(2 * layers.length);
  expect(trainable).toEqual(expect.arrayContaining(factors.map(({ name }) => name)));
  expect(plan.skipped).toEqual([]);
});

it('says why codes do not learn, and trains the norms', async () => {
  const coded = await encoded(({ outFeatures, inFeatures }) => ({
    kind: 'coded',
    bits: 8,
    grid: 'integer',
    granularity: 'channel',
    groupSize: inFeatures,
    scales: { dataType: 1, values: new Float32Array(outFeatures).fill(0.01) },
    codes: new Uint8Array(outFeatures * inFeatures).fill(128),
  }));
  const { trainable, plan } = await prepare(coded, layers);
  expect(plan.skipped[0].reason).toBe(
    `"${layers[0].name}" is stored as codes, which have no gradient, so only the biases and norms around it learn; heal before quantizing, or train an adapter (LoRA) beside it.`,
  );
  expect(trainable.length).toBeGreaterThan(0);
});

it('compares the hidden states of blocks that are still there', async () => {
  const shallow = withoutBlocks(model, anatomy, [0, 2, 4]);
  const { objective } = await prepare(shallow, layers, { hidden: 1 });
  const outputs = [0, 2, 4].map((index) => anatomy.blocks[index].output);
  expect(objective.find(({ kind }) => kind === 'hidden')).toMatchObject({
    pairs: outputs.map((output) => ({ student: output, teacher: output })),
  });
});

it('says when there are none', async () => {
  const narrow = { ...anatomy, hiddenSize: 32 };
  const ground = { model, anatomy: narrow, original: model };
  const options = meta.options.parse({ hidden: 1 });
  const plan = await heal.plan(ground, layers, options, { index: 0, change: () => undefined });
  expect(plan.warnings).toEqual([
    'No block of this model has one of the same width in the original, so hidden states are not compared; the answers are.',
  ]);
});

it('learns from the labels alone without a teacher', async () => {
  const { teacher, objective } = await prepare(model, layers, { from: 'labels' });
  expect(teacher).toBeUndefined();
  expect(objective).toEqual([{ kind: 'labels', weight: 1 }]);
});

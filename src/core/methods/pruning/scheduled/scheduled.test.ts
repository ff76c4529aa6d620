import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { firstStep, trainingOf } from '../../../../../test/support/methods.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { decodeStored, storedWeightOf, storedWeights } from '../../../encodings/index.ts';
import type { Model } from '../../../onnx/types.ts';
import { layOutParameters, withParameters } from '../../../training/parameters.ts';
import type { Ground, Method } from '../../contract.ts';
import { readWeight } from '../../weight.ts';
import { gradual } from '../gradual/gradual.ts';
import { meta as gradualMeta } from '../gradual/meta.ts';
import { meta as movementMeta } from '../movement/meta.ts';
import { movement } from '../movement/movement.ts';

const { model, anatomy } = storiesModel();
const layers = anatomy.layers.filter(({ role }) => role === 'up' || role === 'down');

interface Meta<O> {
  readonly id: string;
  readonly options: z.ZodType<O>;
}

/** What is asked of each method, whatever its options. */
function caseOf<O>(method: Method<O>, { id, options: schema }: Meta<O>) {
  return {
    ...{ id, schema },
    posed: (options: object) =>
      trainingOf(method, model, layers, schema.parse(options), { anatomy }),
    planned: (ground: Ground, targets: readonly Layer[], options: object) =>
      method.plan(ground, targets, schema.parse(options), firstStep),
  };
}

const METHODS = [caseOf(gradual, gradualMeta), caseOf(movement, movementMeta)];

/** A trained model: the chosen weights are numbers of which the first share is zero. */
function trainedTo(student: Model, names: readonly string[], share: number): Model {
  const layout = layOutParameters(student, names);
  const theta = Float32Array.from({ length: layout.size }, (_, at) => 1 + (at % 7));
  for (const { offset, size } of layout.parameters) {
    theta.fill(0, offset, offset + Math.trunc(size * share) + 1);
  }
  return withParameters(student, layout, theta);
}

describe.each(METHODS)('$id', ({ id, schema, posed, planned }) => {
  it('puts each weight under a mask once, and trains biases and norms beside', async () => {
    const { masked, trainable, keepZeros, between } = await posed({ sparsity: 0.8, steps: 100 });
    expect(masked?.names).toEqual([...new Set(layers.map(({ weight }) => weight))]);
    expect(masked?.scores).toBe(id === 'movement');
    expect(trainable.length).toBeGreaterThan(masked?.names.length ?? 0);
    expect(keepZeros).toBe(true);
    const layout = layOutParameters(model, trainable);
    expect(between?.(layout).settled).toBe(50);
  });

  it('learns from the original or the labels', async () => {
    expect((await posed({ from: 'labels' })).teacher).toBeUndefined();
    const { teacher, objective } = await posed({ from: 'both', temperature: 2 });
    expect(teacher).toBe(model);
    expect(objective).toMatchObject([
      { kind: 'labels', weight: 1 / 2 },
      { kind: 'logits', weight: 1 / 2, temperature: 2 },
    ]);
  });

  // A kept weight may happen to be zero: 80 % were to go, and 85 % are zero.
  it.each([0.8, 0.85])('stores what is left sparse, %f of it being zero', async (share) => {
    const { masked, student, filled, plan } = await posed({ sparsity: 0.8, store: 'packed' });
    const trained = trainedTo(student, masked?.names ?? [], share);
    const file = await filled(trained);
    expect(storedWeights(file).size).toBe(layers.length);
    expect(plan.lines.every(({ did, encoded }) => did !== undefined && encoded === undefined)).toBe(
      true,
    );
    const open = await decodeStored(file, [...storedWeights(file).values()]);
    for (const layer of layers) {
      expect(storedWeightOf(file, layer)).toBeDefined();
      expect((await readWeight(open, layer)).values).toEqual(
        (await readWeight(trained, layer)).values,
      );
    }
    expect(plan.warnings?.[0]).toMatch(
      /^\d+ of \d+ layers are stored sparse: 80\.\d % of their weights are zero, and they take \d+ bytes instead of \d+\.$/,
    );
  });

  it('says which layer a pattern does not fit', async () => {
    const odd = oneLayerModel('MatMul', 4, 30);
    const ground = { model: odd.model, anatomy: recognise(odd.model), original: odd.model };
    const plan = await planned(ground, [odd.layer], { pattern: '2:4' });
    expect(plan.work).toEqual([]);
    expect(plan.skipped).toEqual([
      {
        name: 'w',
        reason:
          '"w" has rows of 30 weights, which groups of 4 do not divide, so the pattern 2:4 cannot be applied; leave it out or choose another pattern.',
      },
    ]);
  });

  it('refuses a sparse file whose size the training would decide', () => {
    const { error } = schema.safeParse({ scope: 'global', store: 'smaller' });
    expect(error?.issues).toMatchObject([
      {
        path: ['scope'],
        message:
          'with the global scope the training decides how many weights each layer keeps, so a sparse file cannot be sized before; set scope to "tensor" or store to "dense"',
      },
    ]);
    expect(schema.safeParse({ scope: 'global', store: 'dense' }).success).toBe(true);
  });
});

describe('a first pruning that comes too late', () => {
  it.each([
    ['gradual', gradualMeta, { steps: 20, start: 20 }],
    ['movement', movementMeta, { steps: 20, start: 19 }],
  ] as const)('%s', (id, meta, options) => {
    const messages = {
      gradual: 'the first pruning would come after the last step; start earlier or train longer',
      movement:
        'movement is seen from at least one step and followed by another; start earlier or train longer',
    };
    const { error } = meta.options.safeParse(options);
    expect(error?.issues).toMatchObject([{ path: ['start'], message: messages[id] }]);
    expect(meta.options.safeParse({ ...options, start: options.start - 1 }).success).toBe(true);
  });
});

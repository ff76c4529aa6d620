import { describe, expect, it } from 'vitest';
import {
  oneLayerModel,
  type TestModel,
  type TestOp,
} from '../../../test/fixtures/methods/models.ts';
import { activations, seenOf } from '../../../test/fixtures/methods/statistics.ts';
import { storiesModel } from '../../../test/support/stories.ts';
import type { Anatomy, Layer } from '../../core/anatomy/types.ts';
import { allMethods } from '../../core/methods/registry.ts';
import { holesOf } from '../../core/onnx/fill.ts';
import type { Model } from '../../core/onnx/types.ts';
import { writeModel } from '../../core/onnx/write.ts';
import { buildReport } from '../../core/recipe/build-report.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import type { Plan } from '../../core/recipe/plan-types.ts';
import { presetByName } from '../../core/recipe/presets.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { embedReport } from '../../core/report/embed.ts';
import type { Seen } from '../../core/statistics/seen.ts';
import { runRecipe } from './run-recipe.ts';
import type { LookProvider, TrainingProvider } from './types.ts';

const { model: stories, anatomy: storiesAnatomy } = storiesModel();

const recipe = (...steps: readonly unknown[]) => parseRecipe({ version: 1, steps });

const HASH = 'a'.repeat(64);

function madeUp(layers: readonly Layer[]): Seen {
  return seenOf(layers, ({ inFeatures }) => activations(inFeatures + 8, inFeatures, 4));
}

/** Made-up inputs for calibration. */
const looks: LookProvider = {
  sha256: HASH,
  collect: async (_model, asked) =>
    madeUp(asked.flatMap(({ rowsOf }) => (rowsOf === undefined ? [] : [rowsOf]))),
  async *walk({ layers }) {
    for (const layer of layers) yield { layers: [layer], seen: madeUp([layer]) };
  },
};

/** A training that changes nothing. */
const training: TrainingProvider = {
  sha256: HASH,
  train: async ({ setup: { student } }) => {
    const loss = { value: 1, standardError: 0, n: 1 };
    return {
      trained: student,
      record: {
        ...{ trainedParameters: 1, parameters: 1, steps: 1, end: 'done', bestStep: 0 },
        ...{ before: loss, after: loss, training: [], validation: [] },
      } as never,
    };
  },
};

async function expectExact(model: Model, anatomy: Anatomy, plan: Plan): Promise<Uint8Array> {
  expect(plan.problems).toEqual([]);
  const context = { plan, looks, training, progress: () => {} };
  const result = await runRecipe({ model, anatomy, sha256: HASH }, context, undefined);
  expect(holesOf(result.model)).toEqual([]);
  const facts = { tool: 'lathe 0.1.0', inputSha256: HASH, calibrationSha256: HASH };
  const report = buildReport(plan, { ...facts, layers: result.measured });
  const file = await writeModel(embedReport(result.model, report));
  expect(file.byteLength).toBe(plan.bytes);
  expect(plan.after.bytes).toBe(plan.bytes);
  return file;
}

function anatomyOf({ layer }: TestModel): Anatomy {
  return { kind: 'layers-only', layout: 'layers only', layers: [layer], blocks: [], notes: [] };
}

describe('the forecast is the file, to the byte', () => {
  const shapes: readonly (readonly [TestOp, number, number])[] = [
    ['MatMul', 7, 45],
    ['Gemm-transB', 9, 72],
    ['Conv', 5, 27],
    ['Gather', 23, 44],
  ];
  const options: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
    'round-to-nearest': [
      { bits: 4, blockSize: 16 },
      { bits: 3, symmetric: false },
      { bits: 8, blockSize: 'channel' },
      { bits: 2, blockSize: 'tensor', scales: 'float16' },
    ],
    gptq: [
      { bits: 4, symmetric: false },
      { bits: 3, blockSize: 'channel' },
    ],
    float16: [{}],
    magnitude: [{ sparsity: 0.7 }],
    wanda: [{ sparsity: 0.4 }],
    'static-int8': [{ ranges: { x: [-1, 1] } }],
    deduplicate: [],
    distill: [],
    'fine-tune': [{}],
    lora: [
      { rank: 2, result: 'merge' },
      { rank: 3, result: 'adapter' },
    ],
  };
  const cases = shapes.flatMap(([op, rows, columns]) =>
    allMethods().flatMap(({ meta }) =>
      (options[meta.id] ?? [{}])
        .filter(() => meta.accepts.some((accepted) => op.startsWith(accepted)))
        .map((o) => ({ op, rows, columns, method: meta.id, options: o })),
    ),
  );

  it.each(cases)('$op $rows×$columns $method $options', async ({ op, rows, columns, ...step }) => {
    const test = oneLayerModel(op, rows, columns);
    const plan = await planRecipe(test.model, anatomyOf(test), recipe(step));
    // A method that is not listed above runs with its defaults, and may refuse this one layer.
    const paths = plan.problems.map(({ path }) => path);
    if (!(step.method in options) && (paths.length > 0 || plan.steps[0].skipped.length > 0)) {
      // What cuts a structure finds none in one layer; what leaves this layer alone leaves nothing to do.
      expect(paths).toHaveLength(1);
      expect(['steps', 'steps[0]']).toContain(paths[0]);
      return;
    }
    await expectExact(test.model, anatomyOf(test), plan);
    expect(plan.layers[0].bytesBefore).toBe(rows * columns * 4);
  });

  it.each(['q8', 'q4f16', 'q2', 'q1', 'tiny'])('%s on a real model', async (name) => {
    const plan = await planRecipe(stories, storiesAnatomy, presetByName(name).recipe);
    const file = await expectExact(stories, storiesAnatomy, plan);
    const again = await planRecipe(stories, storiesAnatomy, presetByName(name).recipe);
    expect(again.bytes).toBe(file.byteLength);
    expect(plan.bytes).toBeLessThan(0.6 * plan.before.bytes);
    expect(plan.after.bitsPerWeight).toBeLessThan(plan.before.bitsPerWeight);
  });

  const chains: readonly (readonly [string, readonly Record<string, unknown>[]])[] = [
    [
      'pruning before quantization',
      [
        { method: 'magnitude', target: { all: true, except: ['embedding'] } },
        { method: 'round-to-nearest', target: { blocks: [0, 1] }, options: { bits: 3 } },
      ],
    ],
    [
      'cutting before quantization',
      [
        { method: 'ffn-neurons', options: { ratio: 0.3 } },
        { method: 'round-to-nearest', target: { all: true, except: ['embedding'] } },
      ],
    ],
    ['fine-tuning', [{ method: 'fine-tune', target: 'attention' }]],
    ['a shallow student', [{ method: 'distill', options: { student: 'shallow' } }]],
    ['a fresh student', [{ method: 'distill', options: { student: 'fresh', hidden: 1 } }]],
    [
      'adapters as inputs over quantized weights',
      [
        { method: 'round-to-nearest', options: { bits: 4 } },
        { method: 'lora', options: { result: 'inputs' } },
      ],
    ],
    [
      'pruning, healing, rounding',
      [
        { method: 'wanda', target: 'feed-forward' },
        { method: 'fine-tune' },
        { method: 'round-to-nearest', options: { bits: 8, blockSize: 'channel' } },
      ],
    ],
  ];

  it.each(chains)('%s, on a real model', async (_name, steps) => {
    const plan = await planRecipe(stories, storiesAnatomy, recipe(...steps));
    await expectExact(stories, storiesAnatomy, plan);
  });

  it.each(['fine-tune', 'lora', 'distill'])(
    'the lines of %s add up to its tensors',
    async (method) => {
      const options = method === 'lora' ? { result: 'merge' } : {};
      const steps = recipe({ method, options });
      const plan = await planRecipe(stories, storiesAnatomy, steps);
      const weights = new Set(storiesAnatomy.layers.map(({ weight }) => weight));
      const tensors = plan.model.graph.initializers.filter(({ name }) => weights.has(name));
      const bytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
      expect(plan.layers.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0)).toBe(bytes);
      expect(bytes).toBeGreaterThan(0);
    },
  );
});

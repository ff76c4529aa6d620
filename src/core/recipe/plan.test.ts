import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recognise } from '../anatomy/recognise.ts';
import type { Anatomy } from '../anatomy/types.ts';
import { buildLlama } from '../onnx/build/llama.ts';
import { readLlama2c } from '../onnx/build/llama2c.ts';
import {
  oneLayerModel,
  type TestModel,
  type TestOp,
} from '../../../test/fixtures/methods/models.ts';
import { allMethods } from '../methods/registry.ts';
import { context, activations, statisticsOf } from '../../../test/fixtures/methods/statistics.ts';
import { readWeight } from '../methods/weight.ts';
import { applyEncoded } from '../methods/export/apply.ts';
import type { EncodedLayer } from '../methods/encoding.ts';
import type { Model } from '../onnx/types.ts';
import { writeModel } from '../onnx/write.ts';
import { embedReport } from '../report/embed.ts';
import { buildReport, type MeasuredLayer } from './build-report.ts';
import { planRecipe } from './plan.ts';
import type { Plan } from './plan-types.ts';
import { presetByName } from './presets.ts';
import { parseRecipe } from './schema.ts';

const FILE = new URL('../../../test/fixtures/stories260K/stories260K.bin', import.meta.url);
const checkpoint = readLlama2c(new Uint8Array(readFileSync(FILE)));
const stories = buildLlama(checkpoint.config, checkpoint.weights);
const storiesAnatomy = recognise(stories);

const recipe = (...steps: readonly unknown[]) => parseRecipe({ version: 1, steps });

/** Runs a plan the way the engine does, with made-up inputs for calibration. */
async function execute(model: Model, anatomy: Anatomy, plan: Plan): Promise<Model> {
  let current = model;
  const measured: MeasuredLayer[] = [];
  for (const { index, step, method, layers, targets } of plan.steps) {
    if (method.kind === 'graph') {
      const options = { ...context, planning: false };
      current = (await method.rewrite(current, anatomy, targets, step.options, options)).model;
      continue;
    }
    if (method.kind === 'training') {
      const options = { ...context, planning: false, original: model };
      const setup = await method.prepare(current, anatomy, targets, step.options, options);
      current = await setup.finish(setup.student);
      continue;
    }
    let done: EncodedLayer[] = [];
    const sequential = method.needs(step.options)?.sequential === true;
    for (const { layer } of layers) {
      const weight = await readWeight(current, layer);
      const columns = layer.inFeatures;
      const statistics = statisticsOf(activations(columns + 8, columns, 4), columns);
      const outcome = await method.compress(weight, statistics, step.options, context);
      done.push({ layer, encoded: outcome.encoded });
      const relativeError = Math.abs(weight.values[0]) * 10 ** (measured.length % 7);
      measured.push({ step: index, name: layer.name, relativeError, errorKind: 'output' });
      if (!sequential) continue;
      current = applyEncoded(current, done);
      done = [];
    }
    current = applyEncoded(current, done);
  }
  const hash = 'a'.repeat(64);
  const facts = { tool: 'lathe 0.1.0', inputSha256: hash, calibrationSha256: hash };
  return embedReport(current, buildReport(plan, { ...facts, layers: measured }));
}

async function expectExact(model: Model, anatomy: Anatomy, plan: Plan): Promise<Uint8Array> {
  expect(plan.problems).toEqual([]);
  const file = await writeModel(await execute(model, anatomy, plan));
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
    deduplicate: [],
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
    await expectExact(test.model, anatomyOf(test), plan);
    expect(plan.layers[0].bytesBefore).toBe(rows * columns * 4);
  });

  it.each(['q8', 'q4f16', 'q2', 'tiny'])('%s on a real model', async (name) => {
    const plan = await planRecipe(stories, storiesAnatomy, presetByName(name).recipe);
    const file = await expectExact(stories, storiesAnatomy, plan);
    const again = await planRecipe(stories, storiesAnatomy, presetByName(name).recipe);
    expect(again.bytes).toBe(file.byteLength);
    expect(plan.bytes).toBeLessThan(0.6 * plan.before.bytes);
    expect(plan.after.bitsPerWeight).toBeLessThan(plan.before.bitsPerWeight);
  });

  it('pruning before quantization, on a real model', async () => {
    const steps = recipe(
      { method: 'magnitude', target: { all: true, except: ['embedding'] } },
      { method: 'round-to-nearest', target: { blocks: [0, 1] }, options: { bits: 3 } },
    );
    const plan = await planRecipe(stories, storiesAnatomy, steps);
    expect(plan.steps.map(({ layers }) => layers.length)).toEqual([36, 14]);
    await expectExact(stories, storiesAnatomy, plan);
  });
});

describe('planRecipe', () => {
  it('finds all 36 products of the stories model for q4', async () => {
    const plan = await planRecipe(stories, storiesAnatomy, presetByName('q4').recipe);
    expect(plan.steps[0].layers).toHaveLength(36);
    expect(plan.steps[0].layers.every(({ encoded }) => encoded.kind === 'uniform')).toBe(true);
    expect(plan.coverage.skipped).toEqual([]);
    expect(plan.needsCalibration).toBe(false);
  });

  it('leaves out what an earlier step has quantized, and says so', async () => {
    const test = oneLayerModel('MatMul', 8, 32);
    const steps = [
      { method: 'gptq', options: { bits: 4 } },
      { method: 'float16' },
      { method: 'magnitude' },
    ];
    const plan = await planRecipe(test.model, anatomyOf(test), recipe(...steps));
    expect(plan.steps.map(({ layers }) => layers.length)).toEqual([1, 0, 0]);
    expect(plan.coverage.skipped).toEqual([
      {
        name: 'w',
        reason:
          '"w" was already quantized by step 1 (GPTQ), so step 2 (Half precision) left it as it is.',
      },
      {
        name: 'w',
        reason:
          '"w" was already quantized by step 1 (GPTQ), and its values can no longer be set to zero one by one; move step 3 (Magnitude pruning) before it.',
      },
    ]);
    expect(plan.needsCalibration).toBe(true);
  });

  it('says which layers a method does not take', async () => {
    const test = oneLayerModel('Gather', 20, 16);
    const plan = await planRecipe(test.model, anatomyOf(test), recipe({ method: 'gptq' }));
    const reason =
      'GPTQ works on MatMul, Gemm, and Conv, and "w" is a Gather, so it was left as it is.';
    expect(plan.steps[0].skipped).toEqual([{ name: 'w', reason }]);
    expect(plan.layers).toEqual([{ name: 'w', bytesBefore: 1280, bytesAfter: 1280, reason }]);
    expect(plan.problems).toEqual([
      {
        path: 'steps',
        message: `The recipe changes nothing in this model, because no step found a layer it can work on; choose other targets. For example: ${reason}`,
      },
    ]);
  });

  it('collects mistakes as problems with their paths', async () => {
    const test = oneLayerModel('MatMul', 8, 32);
    const steps = recipe(
      { method: 'float16', target: { tensors: ['v'] } },
      { method: 'round-to-nearest' },
      { method: 'deduplicate' },
    );
    const broken = { ...steps.steps[1], options: { bits: 7 } };
    const plan = await planRecipe(test.model, anatomyOf(test), {
      ...steps,
      steps: [...steps.steps, broken],
    });
    expect(plan.problems).toEqual([
      {
        path: 'steps[0].target',
        message: 'steps[0].target: the model has no layer "v"; did you mean "w"?',
      },
      {
        path: 'steps[2]',
        message:
          'steps[2]: De-duplicate looks at the weights as they are in the original, so it has to come before the steps that change them; move it to the top.',
      },
      {
        path: 'steps[3].options.bits',
        message: 'steps[3].options.bits: 7 is not possible; use one of 8, 4, 3, 2.',
      },
    ]);
  });

  it('plans nothing for disabled steps and for an empty recipe', async () => {
    const test = oneLayerModel('MatMul', 8, 32);
    const plan = await planRecipe(
      test.model,
      anatomyOf(test),
      recipe({ method: 'float16', disabled: true }),
    );
    expect([plan.steps, plan.problems]).toEqual([[], []]);
    expect(plan.layers[0]).toEqual({ name: 'w', bytesBefore: 1024, bytesAfter: 1024 });
  });
});

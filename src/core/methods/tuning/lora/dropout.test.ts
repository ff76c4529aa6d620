import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../../../test/support/methods.ts';
import { z } from 'zod';
import { interpret } from '../../../../../test/support/interpret/interpret.ts';
import { f64, f64FromValue } from '../../../../../test/support/interpret/value.ts';
import { longs, runModel, waves } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { GraphBuilder } from '../../../onnx/build/graph-builder.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { sizeOf } from '../../../onnx/size.ts';
import { writeModel } from '../../../onnx/write.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Value } from '../../../tensor/values.ts';
import { drawMasks } from '../../../training/draw-mask.ts';
import { readParameters } from '../../../training/parameters.ts';
import { LABELS, poseProblem } from '../../../training/problem.ts';
import { buildGradientGraph } from '../../../training/training-graph.ts';
import { VALUES } from '../../../training/value-names.ts';
import type { TrainingSetup } from '../../contract.ts';
import { transpose } from '../../../tensor/matrix.ts';
import { lora, type LoraOptions } from './lora.ts';
import { meta } from './meta.ts';

const [ROWS, IN, HIDDEN, CLASSES] = [6, 10, 12, 9];
const RANK = 3;

const vectors = new URL('../../../../../test/golden/vectors/lora_dropout.json', import.meta.url);
const golden = z
  .object({
    masks: z.array(z.array(z.number())),
    loss: z.number(),
    a: z.array(z.array(z.number())),
    b: z.array(z.array(z.number())),
  })
  .parse(JSON.parse(readFileSync(vectors, 'utf8')));

const wave = (rows: number, columns: number, seed: number) =>
  waves([rows, columns], seed).data as Float32Array;

/** logits = L2(relu(L1(x))), the weights of `test/golden/lora_dropout.py`. */
function twoLayers(opset = 17): Model {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['batch', IN]);
  const linear = (input: string, k: number, from: number, to: number) => {
    const weight = transpose(wave(to, from, 2 + k), to, from);
    return g.op('MatMul', [input, g.floats(`layer${k}.weight`, [from, to], weight)]);
  };
  const hidden = g.op('Relu', [linear(x, 0, IN, HIDDEN)]);
  g.output(linear(hidden, 1, HIDDEN, CLASSES), 'float32', ['batch', CLASSES], 'logits');
  return g.finish({ opset });
}

function prepare(options: Partial<LoraOptions> = {}, model = twoLayers()) {
  const anatomy = recognise(model);
  const chosen = meta.options.parse({ rank: RANK, alpha: 6, dropout: 0.25, ...options });
  return trainingOf(lora, model, anatomy.layers, chosen, { anatomy });
}

/** The student with the golden script's A and B, which are [r, in] and [out, r] there. */
function filled({ student }: TrainingSetup): Model {
  const values = new Map([
    ['layer0.lora_A.weight', transpose(wave(RANK, IN, 4), RANK, IN)],
    ['layer1.lora_A.weight', transpose(wave(RANK, HIDDEN, 5), RANK, HIDDEN)],
    ['layer0.lora_B.weight', transpose(wave(HIDDEN, RANK, 6), HIDDEN, RANK)],
    ['layer1.lora_B.weight', transpose(wave(CLASSES, RANK, 7), CLASSES, RANK)],
  ]);
  const initializers = student.graph.initializers.map((tensor) => {
    const only = tensor.name.startsWith('only.lora_');
    const found = only ? wave(tensor.dims[0], tensor.dims[1], 9) : values.get(tensor.name);
    return found ? makeTensor(tensor.name, tensor.dims, found) : tensor;
  });
  return { ...student, graph: { ...student.graph, initializers } };
}

async function posed(setup: TrainingSetup, batch = ROWS) {
  const student = filled(setup);
  const { trainable, objective } = setup;
  const problem = poseProblem({ student, trainable, objective, shape: { batch } });
  const theta = await readParameters(student, problem.input.layout);
  return { ...problem, theta };
}

/** Loss and ∂L/∂θ in double precision, of the very graph that is trained. */
async function gradientGraph(setup: TrainingSetup) {
  const { input, masks, theta } = await posed(setup);
  const { model } = buildGradientGraph(input);
  const bytes = masks.map(({ name, dims }, k) => {
    const data = Uint8Array.from(golden.masks[k]);
    return [name, f64FromValue({ dataType: DataType.uint8, dims, data })] as const;
  });
  const labels = longs(
    [ROWS],
    Array.from({ length: ROWS }, (_, i) => i % CLASSES),
  );
  const fixed = {
    x: f64FromValue(waves([ROWS, IN], 1)),
    [LABELS]: f64FromValue(labels),
    [VALUES.sum]: f64([theta.length], new Float64Array(theta.length)),
    [VALUES.share]: f64([], [1]),
    ...Object.fromEntries(bytes),
  };
  const run = (at: Float64Array) => {
    const values = interpret(model, {
      ...fixed,
      [VALUES.theta]: f64([at.length], at),
    });
    const gradient = values.get(VALUES.nextSum)?.data ?? [];
    return { loss: values.get(VALUES.loss)?.data[0] ?? NaN, gradient };
  };
  return { run, theta: Float64Array.from(theta), layout: input.layout };
}

describe('dropout before an adapter', () => {
  it('has a mask for each, as large as its input; held-out data is judged without', async () => {
    const { masks, judged } = await posed(await prepare());
    expect(masks).toEqual([
      { name: 'train.dropout/0', dims: [ROWS, IN], keep: 0.75 },
      { name: 'train.dropout/1', dims: [ROWS, HIDDEN], keep: 0.75 },
    ]);
    expect(judged.forward.graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('has the loss and the gradients that PyTorch finds with the same masks', async () => {
    const { run, theta, layout } = await gradientGraph(await prepare());
    const { loss, gradient } = run(theta);
    expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(1e-6);
    for (const { name, dims, offset, size } of layout.parameters) {
      const k = name.startsWith('layer0') ? 0 : 1;
      const expected = name.includes('lora_A') ? golden.a[k] : golden.b[k];
      const found = Float32Array.from(gradient.slice(offset, offset + size));
      const turned = transpose(found, dims[0], dims[1]);
      const scale = Math.max(...expected.map(Math.abs));
      turned.forEach((value, i) => {
        expect(Math.abs(value - expected[i])).toBeLessThan(1e-6 * scale);
      });
    }
  });

  it('has the gradients that central differences find with fixed masks', async () => {
    const { run, theta } = await gradientGraph(await prepare());
    const { gradient } = run(theta);
    const h = 1e-5;
    for (let i = 0; i < theta.length; i += 7) {
      const at = (delta: number) => run(theta.map((value, j) => (j === i ? value + delta : value)));
      const slope = (at(h).loss - at(-h).loss) / (2 * h);
      expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-7);
    }
  });

  it('leaves expected values as they are, to the standard error over many masks', async () => {
    const n = 4000;
    const setup = await prepare({}, oneLayer());
    const { input, judged, masks, theta } = await posed(setup, n);
    const row = wave(1, IN, 1);
    const data = Float32Array.from({ length: n * IN }, (_, i) => row[i % IN]);
    const x: Value = { dataType: DataType.float32, dims: [n, IN], data };
    const run = async (forward: Model) =>
      (await runModel(forward, { x, ...drawMasks(masks, 3, 0) })).get('logits')
        ?.data as Float32Array;
    expect(theta.length).toBe(RANK * (IN + CLASSES));
    const [dropped, whole] = [await run(input.forward), await run(judged.forward)];
    for (let c = 0; c < CLASSES; c++) {
      const column = Array.from({ length: n }, (_, i) => dropped[i * CLASSES + c]);
      const mean = column.reduce((sum, value) => sum + value, 0) / n;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
      expect(variance).toBeGreaterThan(0.01);
      expect(Math.abs(mean - whole[c])).toBeLessThan(4 * Math.sqrt(variance / n));
    }
  });

  it('is gone from what is handed out, adapter kept or merged, as the forecast says', async () => {
    for (const result of ['adapter', 'merge'] as const) {
      const setup = await prepare({ result });
      const without = await prepare({ result, dropout: 0 });
      const made = await setup.filled(filled(setup));
      expect(made.graph.nodes.map(({ opType }) => opType)).not.toContain('Dropout');
      expect(await writeModel(made)).toEqual(
        await writeModel(await without.filled(filled(without))),
      );
      expect(sizeOf(setup.plan.model)).toEqual(sizeOf(made));
    }
  });

  it('adds nothing at 0', async () => {
    const { student } = await prepare({ dropout: 0 });
    expect(student.graph.nodes.map(({ opType }) => opType)).not.toContain('Dropout');
    expect((await posed(await prepare({ dropout: 0 }))).masks).toEqual([]);
  });

  it('needs an operator set that knows training', async () => {
    await expect(prepare({}, twoLayers(11))).rejects.toThrow(
      'The model is written in operator set 11, in which nothing can be dropped while training; export it with operator set 12 or later, or set dropout to 0.',
    );
    expect((await prepare({ dropout: 0 }, twoLayers(11))).trainable).toHaveLength(4);
  });
});

function oneLayer(): Model {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['batch', IN]);
  const weight = g.floats('only.weight', [IN, CLASSES], wave(IN, CLASSES, 2));
  g.output(g.op('MatMul', [x, weight]), 'float32', ['batch', CLASSES], 'logits');
  return g.finish();
}

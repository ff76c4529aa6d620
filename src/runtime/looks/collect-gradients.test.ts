import { beforeAll, describe, expect, it } from 'vitest';
import { storiesModel } from '../../../test/support/stories.ts';
import { gateSites } from '../../core/ablation/gate-sites.ts';
import { gatedModel } from '../../core/ablation/gated-model.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { findLayers } from '../../core/anatomy/layers.ts';
import { inputOf } from '../../core/statistics/look.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { readParameters } from '../../core/training/parameters.ts';
import { LABELS, poseProblem } from '../../core/training/problem.ts';
import { buildGradientGraph } from '../../core/training/training-graph.ts';
import { VALUES } from '../../core/training/value-names.ts';
import { languageFeeds } from '../feeds.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import type { PortInfo, Runtime } from '../types.ts';
import type { Feeds } from '../values.ts';
import { collectGradients, type LabelledBatches } from './collect-gradients.ts';

const { model, anatomy } = storiesModel();
const LENGTH = 6;
const CLASSES = 512;
const IGNORED = -100;

/** Two windows; the second has labels at half of its positions. */
const random = seededRandom(5, 'windows');
const ids = [0, 1].map(() =>
  Int32Array.from({ length: LENGTH + 1 }, () => Math.floor(random.next() * CLASSES)),
);
const labels = ids.map((window, w) =>
  Array.from(window.subarray(1), (id, t) => (w === 1 && t % 2 === 0 ? IGNORED : id)),
);

function feedsOf(ports: readonly PortInfo[], chosen: readonly number[]): Feeds {
  const windows = chosen.map((w) => ids[w].subarray(0, LENGTH));
  const own = ports.filter(({ name }) => name !== LABELS);
  const data = BigInt64Array.from(
    chosen.flatMap((w) => labels[w]),
    BigInt,
  );
  const dims = [chosen.length, LENGTH];
  return {
    ...languageFeeds(own, { windows }),
    [LABELS]: { dataType: DataType.int64, dims, data },
  };
}

/** The windows one by one, or both at once. */
const data = (size: 1 | 2): LabelledBatches => ({
  shape: { batch: size, length: LENGTH },
  batchCount: 2 / size,
  batch: (index, ports) => feedsOf(ports, size === 2 ? [0, 1] : [index]),
  checkClasses: () => {},
});

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createWasmRuntime({ threads: 1 });
});

const layerOf = (role: Layer['role'], block: number): Layer => {
  const found = anatomy.layers.find((layer) => layer.role === role && layer.block === block);
  if (found === undefined) throw new Error(role);
  return found;
};

/** Mean −log p of a window's labels, in float64. */
function lossOf(logits: Float32Array, window: number): number {
  const found = labels[window].flatMap((label, t) => {
    if (label === IGNORED) return [];
    const row = logits.subarray(t * CLASSES, (t + 1) * CLASSES);
    const top = Math.max(...row);
    const z = row.reduce((sum, x) => sum + Math.exp(x - top), 0);
    return [top + Math.log(z) - row[label]];
  });
  return found.reduce((sum, nll) => sum + nll, 0) / found.length;
}

/** ∂loss/∂m of a mask m on a value's columns, window by window, by central differences. */
async function slopes(value: string, columns: number, asked: readonly number[]) {
  const gated = gatedModel(model, gateSites([{ gates: [{ value }] }]));
  const mask = gated.gates[0].mask ?? '';
  const session = await runtime.open(gated.model);
  const STEP = 0.02;
  const at = async (window: number, column: number, change: number): Promise<number> => {
    const values = new Float32Array(columns).fill(1);
    values[column] += change;
    const feeds = feedsOf(
      session.inputs.filter(({ name }) => name !== mask),
      [window],
    );
    const given = {
      ...feeds,
      [mask]: { dataType: DataType.float32, dims: [columns], data: values },
    };
    const { logits } = await session.run(given, ['logits']);
    return lossOf(logits.data as Float32Array, window);
  };
  const found: number[][] = [];
  for (const column of asked) {
    const both = [];
    for (const window of [0, 1]) {
      const [up, down] = [await at(window, column, STEP), await at(window, column, -STEP)];
      both.push((up - down) / (2 * STEP));
    }
    found.push(both);
  }
  await session.release();
  return found;
}

describe('collectGradients', () => {
  it.each([
    ['attention-output', 3],
    ['down', 1],
  ] as const)('agrees with finite differences of the masked loss at %s %i', async (role, block) => {
    const layer = layerOf(role, block);
    const view = { value: layer.input };
    const seen = await collectGradients(runtime, model, [{ ...view, take: ['gradient'] }], data(1));
    const sums = seen.at(view, 'gradient');
    if (sums === undefined) throw new Error('nothing was seen');
    expect([sums.columns, sums.count]).toEqual([layer.inFeatures, 2]);
    // Columns that matter most: the differences of others drown in float32.
    const order = Array.from(sums.taylor.keys()).sort((a, b) => sums.taylor[b] - sums.taylor[a]);
    const asked = order.slice(0, 4);
    for (const [at, both] of (await slopes(layer.input, layer.inFeatures, asked)).entries()) {
      const [taylor, fisher] = [
        both.reduce((sum, slope) => sum + Math.abs(slope), 0),
        both.reduce((sum, slope) => sum + slope * slope, 0),
      ];
      expect(sums.taylor[asked[at]] / taylor).toBeCloseTo(1, 2);
      expect(sums.fisher[asked[at]] / fisher).toBeCloseTo(1, 1);
    }
  });

  it('takes each window’s own loss, whatever runs beside it', async () => {
    const view = inputOf(layerOf('down', 2));
    const looks = [{ ...view, take: ['gradient', 'weight gradient'] as const }];
    const [alone, together] = [
      await collectGradients(runtime, model, looks, data(1)),
      await collectGradients(runtime, model, looks, data(2)),
    ];
    for (const name of ['taylor', 'fisher', 'squares'] as const) {
      const [a, b] = [alone, together].map((seen) => seen.at(view, 'gradient')?.[name] ?? []);
      expect(relative(a, b)).toBeLessThan(1e-4);
    }
    const [a, b] = [alone, together].map((seen) => seen.at(view, 'weight gradient'));
    expect(relative(a?.rows ?? [], b?.rows ?? [])).toBeLessThan(1e-4);
    expect(b?.count).toBe(2);
  });

  it('gives the squares of the gradient that the trainer has of a weight', async () => {
    const layer = layerOf('up', 4);
    const view = inputOf(layer);
    const looks = [{ ...view, take: ['weight gradient'] as const }];
    const seen = await collectGradients(runtime, model, looks, data(1));
    const found = seen.at(view, 'weight gradient');
    const { rows, columns } = await trainersSquares(layer);
    expect(relative(found?.rows ?? [], rows)).toBeLessThan(1e-4);
    expect(relative(found?.columns ?? [], columns)).toBeLessThan(1e-4);
  });

  it('sees the weights of a convolution', async () => {
    const g = new GraphBuilder('patches');
    const x = g.input('x', 'float32', ['batch', 1, 4, 4]);
    const weight = g.floats(
      'w',
      [3, 1, 2, 2],
      Float32Array.from({ length: 12 }, (_, i) => i / 9),
    );
    const y = g.op('Conv', [x, weight], { kernel_shape: [2, 2], strides: [2, 2] });
    const flat = g.op('ReduceMean', [y], { axes: [2, 3], keepdims: 0 });
    g.output(flat, 'float32', ['batch', 3], 'logits');
    const conv = g.finish();
    const [layer] = findLayers(conv);
    const picture = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
    const seen = await collectGradients(
      runtime,
      conv,
      [{ ...inputOf(layer), take: ['weight gradient'] }],
      {
        ...{ shape: { batch: 1 }, batchCount: 1, checkClasses: () => {} },
        batch: () => ({
          x: { dataType: 1, dims: [1, 1, 4, 4], data: picture },
          [LABELS]: { dataType: 7, dims: [1], data: BigInt64Array.of(1n) },
        }),
      },
    );
    const { rows, columns } = convolutionBySum(picture);
    const found = seen.at(inputOf(layer), 'weight gradient');
    expect(relative(found?.rows ?? [], rows)).toBeLessThan(1e-5);
    expect(relative(found?.columns ?? [], columns)).toBeLessThan(1e-5);
  });

  it('stops when cancelled, and refuses a value that is not there', async () => {
    const looks = [{ value: layerOf('down', 0).input, take: ['gradient'] as const }];
    const controller = new AbortController();
    const started = collectGradients(runtime, model, looks, data(1), {
      signal: controller.signal,
      progress: () => controller.abort(),
    });
    await expect(started).rejects.toThrow('cancelled');
    const nowhere = [{ value: 'nowhere', take: ['gradient'] as const }];
    await expect(collectGradients(runtime, model, nowhere, data(1))).rejects.toThrow(
      'The model has no value "nowhere" to look at; name an input of the model or an output of one of its nodes.',
    );
  });
});

function relative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const all = Array.from(b, (value, i) => [value, a[i]]);
  const apart = all.reduce((sum, [x, y]) => sum + (x - y) ** 2, 0);
  return Math.sqrt(apart / all.reduce((sum, [x]) => sum + x * x, 0));
}

/** Σ over the windows of the squared entries of ∂L/∂W, from the graph that trains. */
async function trainersSquares(layer: Layer) {
  const { outFeatures, inFeatures, weight, layout } = layer;
  const objective = [{ kind: 'labels', weight: 1 }] as const;
  const shape = { batch: 1, length: LENGTH };
  const { input } = poseProblem({ student: model, trainable: [weight], objective, shape });
  const session = await runtime.open(buildGradientGraph(input).model);
  const theta = await readParameters(model, input.layout);
  const vector = (values: Float32Array) => ({ dataType: 1, dims: [values.length], data: values });
  const [rows, columns] = [new Float64Array(outFeatures), new Float64Array(inFeatures)];
  const own: ReadonlySet<string> = new Set([VALUES.theta, VALUES.sum, VALUES.share, LABELS]);
  for (const window of [0, 1]) {
    const feeds = feedsOf(
      session.inputs.filter(({ name }) => !own.has(name)),
      [window],
    );
    const results = await session.run({
      ...feeds,
      [VALUES.theta]: vector(theta),
      [VALUES.sum]: vector(new Float32Array(theta.length)),
      [VALUES.share]: { dataType: 1, dims: [], data: Float32Array.of(1) },
    });
    const gradient = results[VALUES.nextSum].data as Float32Array;
    for (let i = 0; i < outFeatures; i++) {
      for (let j = 0; j < inFeatures; j++) {
        const at = layout === 'out-in' ? i * inFeatures + j : j * outFeatures + i;
        rows[i] += gradient[at] ** 2;
        columns[j] += gradient[at] ** 2;
      }
    }
  }
  await session.release();
  return { rows, columns };
}

/** The same of the convolution above, written out: logits are means over the four patches. */
function convolutionBySum(picture: Float32Array) {
  const patch = (p: number) => {
    const corner = Math.floor(p / 2) * 8 + (p % 2) * 2;
    return [0, 1, 4, 5].map((offset) => picture[corner + offset]);
  };
  const mean = [0, 1, 2, 3].map((k) => [0, 1, 2, 3].reduce((s, p) => s + patch(p)[k] / 4, 0));
  const logits = [0, 1, 2].map((o) => mean.reduce((s, x, k) => s + (x * (4 * o + k)) / 9, 0));
  const z = logits.reduce((s, x) => s + Math.exp(x), 0);
  const g = logits.map((x, o) => Math.exp(x) / z - Number(o === 1));
  const square = (o: number, k: number) => (g[o] * mean[k]) ** 2;
  return {
    rows: [0, 1, 2].map((o) => [0, 1, 2, 3].reduce((s, k) => s + square(o, k), 0)),
    columns: [0, 1, 2, 3].map((k) => [0, 1, 2].reduce((s, o) => s + square(o, k), 0)),
  };
}

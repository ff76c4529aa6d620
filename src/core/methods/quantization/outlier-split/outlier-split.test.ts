import { describe, expect, it } from 'vitest';
import { activationCases } from '../../../../../test/golden/activations.ts';
import { columns, rows, tokens, vector } from '../../../../../test/golden/load.ts';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { runModel as runWasm } from '../../../../../test/fixtures/methods/run.ts';
import { plantedOutliers } from '../../../../../test/fixtures/models/planted-outliers.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { encodedModel } from '../../../../../test/support/methods.ts';
import { sizeOfModel } from '../../../../../test/support/model-size.ts';
import { runModel } from '../../../../../test/support/run-model.ts';
import { relativeDistance, stepMade } from '../../../../../test/support/step-made.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { decodedValues, requireKind, storedWeights } from '../../../encodings/index.ts';
import type { ValueInfo } from '../../../onnx/types.ts';
import { createMaxima } from '../../../statistics/maxima/maxima.ts';
import { createNorms } from '../../../statistics/norms/norms.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { dynamicInt8 } from '../dynamic-int8/dynamic-int8.ts';
import { meta as dynamicMeta } from '../dynamic-int8/meta.ts';
import { outlierColumns } from './choose-columns.ts';
import { meta } from './meta.ts';
import { outlierSplit } from './outlier-split.ts';

function seenOf(x: Float32Array, width: number) {
  const [maxima, norms] = [createMaxima(width), createNorms(width)];
  for (const each of [maxima, norms]) each.add(x, x.length / width);
  return { maxima: maxima.finish().values, norms: norms.finish().values, rows: x.length / width };
}

describe('outlier channels', () => {
  const X = vector('X');
  const seen = seenOf(X, columns);

  it.each(activationCases.split)('$name: those of the reference', (wanted) => {
    const { outlier_columns: expected, sigma, threshold } = wanted;
    if (threshold === 0) return expect(expected).toEqual([]);
    const whole = { outliers: 'absolute', threshold, ratio: 0.5 } as const;
    expect(outlierColumns(seen, whole)).toEqual(expected);
    if (Math.abs(threshold / sigma - 6) < 1e-6) {
      expect(outlierColumns(seen, { outliers: 'deviations', threshold: 6, ratio: 0.5 })).toEqual(
        expected,
      );
    }
  });

  it('are the farthest where they are more than may be, and as many as asked by share', () => {
    const { outlier_columns: all } =
      activationCases.split.find(({ name }) => name.endsWith('abs6')) ?? expect.fail();
    const few = outlierColumns(seen, { outliers: 'absolute', threshold: 6, ratio: 0.02 });
    expect(few).toHaveLength(6);
    for (const column of few) expect(all).toContain(column);
    expect(outlierColumns(seen, { outliers: 'share', threshold: 6, ratio: 0.02 })).toEqual(few);
  });

  it('are none where nothing was fed', () => {
    const dead = { maxima: new Float32Array(8), norms: new Float32Array(8), rows: 4 };
    for (const outliers of ['deviations', 'absolute', 'share'] as const)
      expect(outlierColumns(dead, { outliers, threshold: 6, ratio: 0.5 })).toEqual([]);
  });

  it('apart cut what 8 bits lose on the product of the golden set to a third and less', async () => {
    const { model, layer } = oneLayerModel('MatMul', rows, columns);
    const w = vector('W');
    const apart = outlierColumns(seen, { outliers: 'deviations', threshold: 6, ratio: 0.05 });
    const given = withWeight(model, w);
    const made = async (options: object) =>
      (await encodedModel(outlierSplit, given, [layer], meta.options.parse(options))).model;
    const feeds = { x: { dims: [1, tokens, columns], data: X } };
    const [whole, plain, split] = [
      (await runWasm(given, feeds))['y'],
      (await runWasm(await made({ columns: { x: [] } }), feeds))['y'],
      (await runWasm(await made({ columns: { x: apart } }), feeds))['y'],
    ];
    expect(errorOf(whole, split)).toBeLessThan(errorOf(whole, plain) / 3);
  });
});

function withWeight(model: ReturnType<typeof oneLayerModel>['model'], w: Float32Array) {
  const turned = new Float32Array(w.length);
  w.forEach((v, i) => (turned[(i % columns) * rows + Math.floor(i / columns)] = v));
  const bytes = new Uint8Array(turned.buffer);
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.data.byteLength === bytes.byteLength
      ? {
          ...tensor,
          data: { byteLength: bytes.byteLength, read: async () => bytes, readSync: () => bytes },
        }
      : tensor,
  );
  // Of any number of rows.
  const open = (values: readonly ValueInfo[]): ValueInfo[] =>
    values.map(({ name, type }) => ({
      name,
      ...(type && { type: { ...type, dims: [{}, {}, {}] } }),
    }));
  const { inputs, outputs } = model.graph;
  const graph = { ...model.graph, initializers, inputs: open(inputs), outputs: open(outputs) };
  return { ...model, graph };
}

function errorOf(y: Float32Array, made: Float32Array): number {
  let [apart, size] = [0, 0];
  y.forEach((value, i) => {
    apart += (value - made[i]) ** 2;
    size += value ** 2;
  });
  return apart / size;
}

describe.each(['MatMul', 'Gemm', 'Gemm-transB'] as const)('a %s', (op) => {
  const [r, c] = [12, 36];
  const apart = [3, 7, 35];
  const options = meta.options.parse({ columns: { x: apart } });

  it('multiplies integers and floats, and is read back as one weight', async () => {
    const { model, layer, weight } = oneLayerModel(op, r, c);
    const { model: made, plan } = await encodedModel(outlierSplit, model, [layer], options);
    const ops = made.graph.nodes.map(({ opType }) => opType);
    expect(ops).toContain('MatMulInteger');
    expect(sizeOfModel(made)).toBe(sizeOfModel(plan.model));
    const [stored, ...others] = storedWeights(made).values();
    expect(others).toEqual([]);
    expect([stored.rows, stored.columns, stored.input]).toEqual([r, c, 'x']);
    expect(requireKind(stored.encoded, 'split').columns).toEqual(apart);
    const values = await decodedValues(stored);
    for (let i = 0; i < r; i++)
      for (const j of apart) expect(values[i * c + j]).toBe(weight[i * c + j]);
    const [again] = recognise(made).layers;
    expect([again.outFeatures, again.inFeatures]).toEqual([r, c]);
    // Behind a Gemm's product stands its bias.
    if (op === 'MatMul') expect(again.output).toBe(layer.output);
    expect(again.stored?.text).toBe(
      'int8 per channel symmetric, MatMulInteger, input rounded to 8 bits, 3 input channels in float',
    );
  });

  it('computes the same on WebAssembly and Node, and outliers exactly', async () => {
    const { model, layer, input } = oneLayerModel(op, r, c);
    const { model: made } = await encodedModel(outlierSplit, model, [layer], options);
    const data = Float32Array.from(input.data as Float32Array);
    for (let t = 0; t < data.length / c; t++) for (const j of apart) data[t * c + j] *= 100;
    const { y } = await runWasm(made, { x: { ...input, data } });
    const node = await runModel(made, { x: { ...input, data, dataType: DataType.float32 } });
    const whole = await runWasm(model, { x: { ...input, data } });
    const size = Math.max(...whole['y'].map(Math.abs));
    y.forEach((value, i) => {
      expect(Math.abs(value - Number(node.get('y')?.data[i]))).toBeLessThan(1e-4 * size);
      // What is left is the rounding of channels that are a hundred times smaller.
      expect(Math.abs(value - whole['y'][i])).toBeLessThan(1e-3 * size);
    });
  });
});

const isProduct = ({ op }: Layer): boolean => op === 'MatMul' || op === 'Gemm';

describe.each(['gpt2 plain, opset 13', 'llama pairs, opset 23', 'bert plain, opset 18'])(
  'planted outliers in %s',
  (name) => {
    const fixture = layoutFixtures.find((one) => one.name === name) ?? expect.fail(name);

    it('computed apart cost int8 a third of what they cost it, or less', async () => {
      const planted = !name.startsWith('bert');
      const model = planted
        ? await plantedOutliers(fixture.model(), { channels: 1 })
        : fixture.model();
      const feeds = feedsOf(model, fixture.feeds);
      const options = meta.options.parse({ outliers: 'share', ratio: 0.05 });
      const { model: split, plan } = await stepMade(outlierSplit, options, model, feeds, isProduct);
      const usual = dynamicMeta.options.parse({});
      const plain = await stepMade(dynamicInt8, usual, model, feeds, isProduct);
      const [fine, rough] = [
        await relativeDistance(model, split, feeds),
        await relativeDistance(model, plain.model, feeds),
      ];
      expect(plan.lines.some(({ encoded }) => encoded?.kind === 'split')).toBe(true);
      expect(fine ** 2).toBeLessThan(planted ? rough ** 2 / 3 : rough ** 2);
      expect(recognise(split).blocks.length).toBe(recognise(model).blocks.length);
    });
  },
);

describe('what cannot be split', () => {
  const { model, layer } = oneLayerModel('MatMul', 4, 8);
  const reasonOf = async (given: object) => {
    const { plan } = await encodedModel(outlierSplit, model, [layer], meta.options.parse(given));
    return plan.skipped[0].reason;
  };

  it('is left alone with its reason', async () => {
    expect(await reasonOf({ columns: { z: [1] } })).toBe(
      '"w" reads "x", whose outliers were not chosen with the others, so it was left as it is; clear "columns" to choose again.',
    );
    for (const wrong of [[8], [3, 1], [0, 1, 2, 3, 4, 5, 6, 7]]) {
      expect(await reasonOf({ columns: { x: wrong } })).toBe(
        '"columns" names channels of "x" that are not in ascending order or not among its 8, so "w" was left as it is; clear "columns" to choose again.',
      );
    }
  });

  it('is a model whose operator set cannot round inputs', async () => {
    const old = oneLayerModel('MatMul', 4, 8, { opset: 10 });
    const { plan } = await encodedModel(
      outlierSplit,
      old.model,
      [old.layer],
      meta.options.parse({}),
    );
    expect(plan.skipped[0].reason).toBe(
      '"w" is in a model of operator set 10, and rounding its input takes DynamicQuantizeLinear of set 11: export the model again with a newer operator set.',
    );
  });
});

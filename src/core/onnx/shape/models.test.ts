import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import type { Feed } from '../../../../test/fixtures/layouts/fixture.ts';
import { fixture } from '../../../../test/support/onnx.ts';
import { distance, longs, runModel, waves } from '../../../../test/support/run-model.ts';
import type { Value } from '../../tensor/values.ts';
import { DataType } from '../../tensor/data-type.ts';
import { buildLlama } from '../build/llama.ts';
import { readLlama2c } from '../build/llama2c.ts';
import { addOutputs } from '../graph/extract.ts';
import { segment } from '../graph/segment.ts';
import { readModel } from '../read.ts';
import { bytesSource } from '../source.ts';
import type { Model } from '../types.ts';
import { foldConstants } from './fold.ts';
import { inferShapes } from './infer.ts';

interface Subject {
  readonly name: string;
  readonly load: () => Model | Promise<Model>;
  readonly feeds: Readonly<Record<string, Value>>;
}

const stories = new URL('../../../../test/fixtures/stories260K/stories260K.bin', import.meta.url);

function loadStories(): Model {
  const { config, weights } = readLlama2c(new Uint8Array(readFileSync(stories)));
  return buildLlama(config, weights);
}

const ids = Array.from({ length: 14 }, (_, k) => (k * 37 + 1) % 500);

const subjects: readonly Subject[] = [
  {
    name: 'vision transformer (PyTorch export)',
    load: () => readModel(bytesSource(fixture('mnist_vit.onnx'))),
    feeds: { image: waves([3, 1, 28, 28]) },
  },
  { name: 'Llama-like (own builder)', load: loadStories, feeds: { input_ids: longs([2, 7], ids) } },
  ...layoutFixtures.map(({ name, model, feeds }) => ({
    name,
    load: model,
    feeds: Object.fromEntries(Object.entries(feeds).map(([key, feed]) => [key, toValue(feed)])),
  })),
];

function toValue({ type, dims, values }: Feed): Value {
  if (type === 'float32')
    return { dataType: DataType.float32, dims, data: Float32Array.from(values) };
  if (type === 'int32') return { dataType: DataType.int32, dims, data: Int32Array.from(values) };
  return longs(dims, values);
}

/** Numbers for the symbols of the model's inputs, from what it is fed. */
function bindingsOf(model: Model, feeds: Subject['feeds']): Record<string, number> {
  const bindings: Record<string, number> = {};
  for (const { name, type } of model.graph.inputs) {
    type?.dims?.forEach(({ symbol }, axis) => {
      if (symbol !== undefined) bindings[symbol] = feeds[name].dims[axis];
    });
  }
  return bindings;
}

function innerValues(model: Model): string[] {
  return model.graph.nodes.flatMap((node) => node.outputs.filter((output) => output !== ''));
}

describe.each(subjects)('$name', ({ load, feeds }) => {
  it('gets the shapes onnxruntime reports, for every value', async () => {
    const model = await load();
    const shapes = inferShapes(model, bindingsOf(model, feeds));
    const values = innerValues(model);
    const results = await runModel(addOutputs(model, values), feeds);
    const inferred = values.map((value) => {
      const type = shapes.typeOf(value);
      return [value, type?.dataType, type?.dims];
    });
    expect(inferred).toEqual(
      values.map((value) => [value, results.get(value)?.dataType, results.get(value)?.dims]),
    );
  });

  it('has no unknown size when symbols stay symbols', async () => {
    const model = await load();
    const shapes = inferShapes(model);
    const open = innerValues(model).filter((value) => {
      const dims = shapes.typeOf(value)?.dims;
      return !dims || dims.includes(undefined);
    });
    expect(open).toEqual([]);
  });

  it('computes the same after folding', async () => {
    const model = await load();
    const folded = foldConstants(model, bindingsOf(model, feeds));
    expect(folded.graph.nodes.some((node) => node.opType === 'Constant')).toBe(false);
    expect(folded.graph.nodes.some((node) => node.opType === 'Shape')).toBe(false);
    const [before, after] = [await runModel(model, feeds), await runModel(folded, feeds)];
    for (const { name } of model.graph.outputs) {
      expect(distance(before.get(name), after.get(name))).toBe(0);
    }
  });

  it('computes the same in segments', async () => {
    const model = await load();
    const whole = await runModel(model, feeds);
    const cuts = [0.25, 0.5, 0.75].map((share) => {
      const node = model.graph.nodes[Math.floor(model.graph.nodes.length * share)];
      return [node.outputs[0]];
    });
    const held = new Map(Object.entries(feeds));
    for (const part of segment(model, cuts)) {
      const results = await runModel(part.model, Object.fromEntries(held));
      for (const [name, value] of results) held.set(name, value);
      for (const name of part.released) held.delete(name);
    }
    for (const { name } of model.graph.outputs) {
      expect(distance(whole.get(name), held.get(name))).toBe(0);
    }
    expect([...held.keys()].sort()).toEqual(model.graph.outputs.map((o) => o.name).sort());
  });
});

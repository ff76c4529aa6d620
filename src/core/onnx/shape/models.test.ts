import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import type { Feed } from '../../../../test/fixtures/layouts/fixture.ts';
import { fixture } from '../../../../test/support/onnx.ts';
import { distance, longs, runModel, waves } from '../../../../test/support/run-model.ts';
import type { Value } from '../../tensor/values.ts';
import { withOutputs } from '../../../runtime/capture.ts';
import { DataType } from '../../tensor/data-type.ts';
import { buildLlama } from '../build/llama.ts';
import { readLlama2c } from '../../../../tools/samples/llama2c.ts';
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

interface Whole {
  readonly model: Model;
  readonly feeds: Subject['feeds'];
  /** Every value of the graph, as onnxruntime makes it. */
  readonly values: ReadonlyMap<string, Value>;
}

const runs = new Map<string, Promise<Whole>>();

/** The model with the feeds it takes, run once with all values as outputs. */
function whole({ name, load, feeds }: Subject): Promise<Whole> {
  const run = async (): Promise<Whole> => {
    const model = await load();
    const taken = new Set(model.graph.inputs.map((info) => info.name));
    const given = Object.fromEntries(Object.entries(feeds).filter(([key]) => taken.has(key)));
    const values = await runModel(withOutputs(model, innerValues(model)), given);
    return { model, feeds: given, values };
  };
  const found = runs.get(name) ?? run();
  runs.set(name, found);
  return found;
}

describe.each(subjects)('$name', (subject) => {
  it('gets the shapes onnxruntime reports, for every value', async () => {
    const { model, feeds, values } = await whole(subject);
    const shapes = inferShapes(model, bindingsOf(model, feeds));
    const names = innerValues(model);
    const inferred = names.map((name) => [name, shapes.typeOf(name)]);
    const reported = names.map((name) => {
      const value = values.get(name);
      return [name, value && { dataType: value.dataType, dims: value.dims }];
    });
    expect(inferred).toEqual(reported);
  });

  it('has no unknown size when symbols stay symbols', async () => {
    const { model } = await whole(subject);
    const shapes = inferShapes(model);
    const open = innerValues(model).filter((value) => {
      const dims = shapes.typeOf(value)?.dims;
      return !dims || dims.includes(undefined);
    });
    expect(open).toEqual([]);
  });

  it('computes the same after folding', async () => {
    const { model, feeds, values } = await whole(subject);
    const folded = foldConstants(model, bindingsOf(model, feeds));
    expect(folded.graph.nodes.some((node) => node.opType === 'Shape')).toBe(false);
    const results = await runModel(folded, feeds);
    for (const { name } of model.graph.outputs) {
      expect(distance(values.get(name), results.get(name))).toBe(0);
    }
  });
});

/** The first subject of each layout. */
const kinds = subjects.filter(
  ({ name }, at) => subjects.findIndex((s) => s.name.split(' ')[0] === name.split(' ')[0]) === at,
);

describe.each(kinds)('$name in segments', (subject) => {
  it('computes the same as in one piece', async () => {
    const { model, feeds, values } = await whole(subject);
    const cuts = [0.25, 0.5, 0.75].map((share) => {
      const node = model.graph.nodes[Math.floor(model.graph.nodes.length * share)];
      return [node.outputs[0]];
    });
    const parts = segment(model, cuts);
    const needed = new Set(parts.flatMap((part) => part.inputs));
    const held = new Map(Object.entries(feeds).filter(([name]) => needed.has(name)));
    for (const part of parts) {
      const results = await runModel(part.model, Object.fromEntries(held));
      for (const [name, value] of results) held.set(name, value);
      for (const name of part.released) held.delete(name);
    }
    for (const { name } of model.graph.outputs) {
      expect(distance(values.get(name), held.get(name))).toBe(0);
    }
    expect([...held.keys()].sort()).toEqual(model.graph.outputs.map((o) => o.name).sort());
  });
});

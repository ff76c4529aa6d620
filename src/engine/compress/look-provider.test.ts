import { beforeEach, describe, expect, it } from 'vitest';
import { findLayers } from '../../core/anatomy/layers.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { memoryData, plannedData } from '../../core/onnx/tensor-data.ts';
import type { Model, TensorData } from '../../core/onnx/types.ts';
import { normal, seededRandom } from '../../core/random/seeded.ts';
import { inputOf, looksAtInputs } from '../../core/statistics/look.ts';
import { createWasmRuntime } from '../../runtime/ort-wasm.ts';
import type { Runtime } from '../../runtime/types.ts';
import type { CalibrationRuns } from '../data/calibration.ts';
import { lookProvider, type LookCache } from './look-provider.ts';

const wasm = await createWasmRuntime({ threads: 1 });

function floats(length: number, label: string): Float32Array {
  const random = seededRandom(5, label);
  return Float32Array.from({ length }, () => normal(random));
}

/** y = |…|x·a|·b|·c, each layer reading the one before. */
function chain(): Model {
  const g = new GraphBuilder('chain');
  let value = g.input('x', 'float32', ['n', 4]);
  for (const name of ['a', 'b', 'c']) {
    value = g.op('Abs', [g.op('MatMul', [value, g.floats(name, [4, 4], floats(16, name))])]);
  }
  g.output(value, 'float32', ['n', 4], 'y');
  return g.finish();
}

const model = chain();
const [a, b, c] = findLayers(model);

const calibration: CalibrationRuns = {
  sha256: 'calibration',
  batchCount: 2,
  *batches() {
    for (const label of ['first', 'second']) {
      yield { feeds: { x: { dataType: 1, dims: [3, 4], data: floats(12, label) } } };
    }
  },
};

/** What each run of a session was asked for. */
let fetched: string[][] = [];
const runtime: Runtime = {
  ...wasm,
  open: async (...given) => {
    const session = await wasm.open(...given);
    return {
      ...session,
      inputs: session.inputs,
      run: (feeds, fetches) => {
        fetched.push([...(fetches ?? [])]);
        return session.run(feeds, fetches);
      },
      release: () => session.release(),
    };
  },
};

let cache: LookCache = new Map();
const hooks = { progress: () => undefined };
const provider = (data = calibration) => lookProvider(async () => runtime, data, cache);

beforeEach(() => {
  fetched = [];
  cache = new Map();
});

/** The model with the data of one weight replaced. */
function withWeight(name: string, data: TensorData): Model {
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.name === name ? { ...tensor, data } : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

const bytes = (values: Float32Array) => memoryData(new Uint8Array(values.buffer));

describe('lookProvider', () => {
  it('asking for one more layer collects one more layer', async () => {
    const first = await provider().collect(model, looksAtInputs([b], ['norms']), hooks);
    expect(fetched).toEqual([[b.input], [b.input]]);
    const both = await provider().collect(model, looksAtInputs([b, c], ['norms']), hooks);
    expect(fetched.slice(2)).toEqual([[c.input], [c.input]]);
    expect(both.at(inputOf(b), 'norms')).toBe(first.at(inputOf(b), 'norms'));
    await provider().collect(model, looksAtInputs([c, b], ['norms']), hooks);
    expect(fetched).toHaveLength(4);
  });

  it('asking for one more take collects that take', async () => {
    const first = await provider().collect(model, looksAtInputs([b], ['norms']), hooks);
    const more = looksAtInputs([b], ['norms', 'moments']);
    const second = await provider().collect(model, more, hooks);
    expect(second.at(inputOf(b), 'norms')).toBe(first.at(inputOf(b), 'norms'));
    expect(second.at(inputOf(b), 'moments')?.rows).toBe(6);
    expect(fetched).toHaveLength(4);
  });

  it('knows what lies before a changed layer, and collects anew what lies behind', async () => {
    const all = looksAtInputs([a, b, c], ['norms']);
    const before = await provider().collect(model, all, hooks);
    const changed = withWeight('b', bytes(floats(16, 'other')));
    const after = await provider().collect(changed, all, hooks);
    expect(fetched.slice(2)).toEqual([[c.input], [c.input]]);
    for (const layer of [a, b]) {
      expect(after.at(inputOf(layer), 'norms')).toBe(before.at(inputOf(layer), 'norms'));
    }
    expect(after.at(inputOf(c), 'norms')).not.toEqual(before.at(inputOf(c), 'norms'));
  });

  it('never reads what lies behind: it may still be a hole', async () => {
    const planned = withWeight('c', plannedData(64));
    await expect(
      provider().collect(planned, looksAtInputs([c], ['norms']), hooks),
    ).rejects.toMatchObject({ code: 'tensor-planned' });
    const keysOnly = new Map(cache);
    expect(keysOnly.size).toBe(0);
  });

  it('collects anew for other data and for another graph', async () => {
    const looks = looksAtInputs([b], ['norms']);
    await provider().collect(model, looks, hooks);
    await provider({ ...calibration, sha256: 'other' }).collect(model, looks, hooks);
    const [first, ...rest] = model.graph.nodes;
    const nodes = [first, { ...rest[0], opType: 'Neg' }, ...rest.slice(1)];
    await provider().collect({ ...model, graph: { ...model.graph, nodes } }, looks, hooks);
    expect(fetched).toHaveLength(6);
  });

  it('hashes each weight once for all models that share it', async () => {
    const reads = { count: 0 };
    const inner = bytes(floats(16, 'a'));
    const counted: TensorData = {
      byteLength: inner.byteLength,
      readSync: () => new Uint8Array(floats(16, 'a').buffer),
      read: (...range) => {
        reads.count++;
        return inner.read(...range);
      },
    };
    const shared = withWeight('a', counted);
    await provider().collect(shared, looksAtInputs([b], ['norms']), hooks);
    const afterOpening = reads.count;
    expect(afterOpening).toBeGreaterThan(0);
    await provider().collect(shared, looksAtInputs([b], ['norms']), hooks);
    await provider().collect({ ...shared }, looksAtInputs([b], ['norms']), hooks);
    expect(reads.count).toBe(afterOpening);
  });

  it('lets everybody who asks meanwhile wait for the same pass', async () => {
    const looks = looksAtInputs([a, b], ['norms']);
    const [one, two] = await Promise.all(
      [looks, looks.slice(1)].map((of) => provider().collect(model, of, hooks)),
    );
    expect(fetched).toHaveLength(2);
    expect(one.at(inputOf(b), 'norms')).toBe(two.at(inputOf(b), 'norms'));
  });

  it('keeps nothing of a cancelled pass, and does not stop those who only waited for it', async () => {
    const controller = new AbortController();
    const looks = looksAtInputs([b], ['norms']);
    const cancelled = provider().collect(model, looks, {
      signal: controller.signal,
      progress: () => controller.abort(),
    });
    const waiting = provider().collect(model, looks, hooks);
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect((await waiting).at(inputOf(b), 'norms')?.rows).toBe(6);
    // One run of the cancelled pass, two of the one that was made instead.
    expect(fetched).toHaveLength(3);
  });

  it('lets further values share a session that layers do not depend on', async () => {
    const inner = model.graph.nodes[0].outputs[0];
    const layer = looksAtInputs([b], ['norms']);
    const further = { value: inner, take: ['range'] as const };
    const fractions: number[] = [];
    const progress = (fraction: number) => fractions.push(fraction);
    await provider().collect(model, [...layer, further], { progress });
    expect(fetched).toEqual([[b.input], [b.input], [inner], [inner]]);
    expect(fractions).toEqual([0.25, 0.5, 0.75, 1]);
    await provider().collect(model, [...layer, further], hooks);
    expect(fetched).toHaveLength(4);
    await provider().collect(model, [...layer, further, { ...further, value: 'y' }], hooks);
    expect(fetched.slice(4)).toEqual([
      [inner, 'y'],
      [inner, 'y'],
    ]);
  });

  it('goes part by part through a model that does not fit into one session', async () => {
    const looks = looksAtInputs([a, b, c], ['moments']);
    const whole = await provider().collect(model, looks, hooks);
    const { graph } = model;
    const huge = { name: 'unread', dataType: 1, dims: [750_000_000], data: plannedData(3e9) };
    const large = { ...model, graph: { ...graph, initializers: [...graph.initializers, huge] } };
    fetched = [];
    const parts = await provider().collect(large, looks, hooks);
    // The first layer reads the input, so two parts lead to the others, for each of two batches.
    expect(fetched).toEqual([[b.input], [b.input], [c.input], [c.input]]);
    for (const layer of [a, b, c]) {
      expect(parts.at(inputOf(layer), 'moments')).toEqual(whole.at(inputOf(layer), 'moments'));
    }
  });

  it('walks in order over the calibration data', async () => {
    const walked: string[] = [];
    const given = { model, current: () => model, layers: [a, b, c], take: ['norms'] as const };
    for await (const stop of provider().walk(given, undefined)) {
      walked.push(...stop.layers.map(({ name }) => name));
      expect(stop.seen.at(inputOf(stop.layers[0]), 'norms')?.rows).toBe(6);
    }
    expect(walked).toEqual(['a', 'b', 'c']);
  });
});

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { recognise } from '../../core/anatomy/recognise.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { readModel } from '../../core/onnx/read.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { memoryData } from '../../core/onnx/tensor-data.ts';
import type { Model } from '../../core/onnx/types.ts';
import { inputOf, looksAtInputs } from '../../core/statistics/look.ts';
import type { Seen } from '../../core/statistics/seen.ts';
import { languageFeeds, realPositions } from '../feeds.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import { inputPorts } from '../ports.ts';
import type { Runtime } from '../types.ts';
import { collectByPart } from './collect-by-part.ts';
import { collectLooks } from './collect-looks.ts';
import { walk } from './walk.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const path = new URL('../../../public/samples/stories/model.onnx', import.meta.url);
const model = await readModel(bytesSource(new Uint8Array(await readFile(path))));
const found = recognise(model).layers;
const layers = found.filter((layer) => layer.op !== 'Gather');
const CROSS = { kind: 'cross moments with', other: 'float path' } as const;

const batches = [0, 1, 2].map((b) => {
  const ids = (length: number) =>
    Int32Array.from({ length }, (_, i) => (i * 37 + 101 * b + 3) % 512);
  const windows = [ids(24), ids(17)];
  return {
    feeds: languageFeeds(inputPorts(model), { windows }),
    mask: realPositions({ windows }),
  };
});

/** The model with the weights of some layers halved. */
async function halves(current: Model, group: readonly Layer[]): Promise<Model> {
  const names = new Set(group.map((layer) => layer.weight));
  const initializers = await Promise.all(
    current.graph.initializers.map(async (tensor) => {
      if (!names.has(tensor.name)) return tensor;
      const values = new Float32Array((await tensor.data.read()).slice().buffer);
      const halved = values.map((value) => value / 2);
      return { ...tensor, data: memoryData(new Uint8Array(halved.buffer)) };
    }),
  );
  return { ...current, graph: { ...current.graph, initializers } };
}

/** Fusions differ between whole and parts, so equal up to float32 rounding through five blocks. */
function expectAlike(seen: Seen, wanted: Seen, layer: Layer): void {
  const [a, b] = [seen, wanted].map((each) => each.at(inputOf(layer), 'norms'));
  const [m, n] = [seen, wanted].map((each) => each.at(inputOf(layer), 'moments'));
  expect(a?.rows).toBe(b?.rows);
  const scale = Math.max(...(b?.values ?? []));
  const far = (x: Float32Array = new Float32Array(), y: Float32Array = new Float32Array()) =>
    x.length === y.length
      ? x.reduce((top, value, i) => Math.max(top, Math.abs(value - y[i])), 0)
      : Infinity;
  expect(far(a?.values, b?.values)).toBeLessThan(2 ** -16 * scale);
  expect(far(m?.values, n?.values)).toBeLessThan(2 ** -15 * scale * scale);
}

/** A runtime that counts the sessions it opens. */
function counting(): { readonly runtime: Runtime; opened: number } {
  const counter = {
    opened: 0,
    runtime: {
      ...runtime,
      open: (...given: Parameters<Runtime['open']>) => {
        counter.opened++;
        return runtime.open(...given);
      },
    },
  };
  return counter;
}

describe('collectByPart', () => {
  const looks = looksAtInputs(layers, ['norms', 'moments']);

  it('finds what one session of the whole model finds', async () => {
    const whole = await collectLooks(runtime, model, looks, batches);
    const fractions: number[] = [];
    const parts = await collectByPart(runtime, model, looks, batches, {
      progress: (fraction) => fractions.push(fraction),
    });
    for (const layer of layers) expectAlike(parts, whole, layer);
    expect(whole.at(inputOf(layers[0]), 'moments')?.rows).toBe(3 * (24 + 17));
    // Five blocks of (q k v), (o), (gate up), (down), and the head.
    expect(fractions).toHaveLength(21);
    expect(fractions.at(-1)).toBe(1);
  });

  it('gives a layer the same bits whichever others are asked for, and stops behind it', async () => {
    const of = layers.filter(({ block, role }) => block === 1 && role === 'down');
    const all = await collectByPart(runtime, model, looks, batches);
    const counter = counting();
    const one = await collectByPart(counter.runtime, model, looksAtInputs(of, ['norms']), batches);
    expect(one.at(inputOf(of[0]), 'norms')).toEqual(all.at(inputOf(of[0]), 'norms'));
    expect(counter.opened).toBe(8);
  });

  it('sees two values together that are computed apart, and several outputs of one node', async () => {
    const g = new GraphBuilder('split');
    const x = g.input('x', 'float32', ['n', 4]);
    const [first, b] = g.ops('Split', [x], 2, { axis: 1 });
    const c = g.op('Abs', [b]);
    const w = g.floats('w', [2, 2], Float32Array.of(1, 2, 3, 4));
    g.output(g.op('MatMul', [g.op('Neg', [c]), w]), 'float32', ['n', 2], 'y');
    const a = g.output(first, 'float32', ['n', 2], 'z');
    const split = g.finish();
    const take = [{ kind: 'cosine with', other: { value: a } }] as const;
    const both = [a, b].map((value) => ({ value, take: ['range'] as const }));
    const data = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const batch = { feeds: { x: { dataType: 1, dims: [3, 4], data } } };
    const asked = [...both, { value: c, take }, { value: 'y', take }];
    const [parts, whole] = await Promise.all(
      [collectByPart, collectLooks].map((collect) => collect(runtime, split, asked, [batch])),
    );
    expect(whole.at({ value: 'y' }, take[0])?.rows).toBe(3);
    for (const { value, take: takes } of asked)
      for (const each of takes) {
        expect(parts.at({ value }, each)).toEqual(whole.at({ value }, each));
      }
  });
});

describe('walk', () => {
  it('shows every layer what the compressed part before it produces', async () => {
    const seen = new Map<Layer, Seen>();
    const groups: string[][] = [];
    let current = model;
    const take = ['norms', 'moments'] as const;
    const journey = { model, current: () => current, layers, take, batches };
    for await (const stop of walk(runtime, journey)) {
      groups.push(stop.layers.map((layer) => layer.role));
      for (const layer of stop.layers) seen.set(layer, stop.seen);
      current = await halves(current, stop.layers);
    }
    expect(groups).toHaveLength(21);
    expect(groups.slice(0, 4).map((roles) => [...roles].sort())).toEqual([
      ['key', 'query', 'value'],
      ['attention-output'],
      ['gate', 'up'],
      ['down'],
    ]);
    const after = await collectLooks(runtime, current, looksAtInputs(layers, take), batches);
    const before = await collectLooks(runtime, model, looksAtInputs(layers, take), batches);
    for (const [layer, here] of seen) expectAlike(here, after, layer);
    const last = layers.find((layer) => layer.block === 4 && layer.role === 'down') ?? layers[0];
    const [a, b] = [before, seen.get(last)].map((s) => s?.at(inputOf(last), 'norms')?.values[0]);
    expect(Math.abs((a ?? NaN) - (b ?? NaN))).toBeGreaterThan(0.01 * (a ?? NaN));
  });

  it('carries the float path beside the compressed one', async () => {
    let current = model;
    const take = ['moments', CROSS] as const;
    const journey = { model, current: () => current, layers, take, batches };
    const float = await collectByPart(runtime, model, looksAtInputs(layers, ['moments']), batches);
    for await (const { layers: group, seen } of walk(runtime, journey)) {
      const [layer] = group;
      const cross = seen.at(inputOf(layer), CROSS)?.values ?? new Float32Array();
      const moments = seen.at(inputOf(layer), 'moments')?.values ?? new Float32Array();
      const before = float.at(inputOf(layer), 'moments')?.values ?? new Float32Array();
      const n = layer.inFeatures;
      const trace = (h: Float32Array) =>
        Array.from({ length: n }, (_, j) => h[j * n + j]).reduce((sum, value) => sum + value, 0);
      expect(cross).toHaveLength(n * n);
      // Cauchy-Schwarz: ⟨X, X̃⟩² ≤ ‖X‖²·‖X̃‖², equal where nothing is compressed yet.
      const bound = Math.sqrt(trace(before) * trace(moments));
      if (layer.block === 0 && layer.role === 'query') {
        expect(Math.abs(trace(cross) - bound)).toBeLessThan(n * 2 ** -20 * bound);
      } else if (layer.role === 'down') {
        expect(trace(cross)).toBeLessThan(0.999 * bound);
      }
      current = await halves(current, group);
    }
  });

  it('runs every part once, and twice with the float path beside', async () => {
    const count = async (take: Parameters<typeof walk>[1]['take']) => {
      const counter = counting();
      const journey = { model, current: () => model, layers, take, batches };
      for await (const { layers: group } of walk(counter.runtime, journey)) void group;
      return counter.opened;
    };
    expect(await count(['norms'])).toBe(21);
    expect(await count(['norms', CROSS])).toBe(42);
  });

  it('hands over embedding tables first, with nothing seen', async () => {
    const journey = {
      model,
      current: () => model,
      layers: found,
      take: ['norms'] as const,
      batches,
    };
    for await (const { layers: group, seen } of walk(runtime, journey)) {
      expect(group.map(({ op }) => op)).toEqual(['Gather']);
      expect(seen.at({ value: group[0].input }, 'norms')).toBeUndefined();
      break;
    }
  });

  it('stops when cancelled, and releases its session when nobody pulls any more', async () => {
    const controller = new AbortController();
    const journey = { model, current: () => model, layers, take: ['norms'] as const, batches };
    const cancelled = async () => {
      for await (const { layers: group } of walk(runtime, journey, controller.signal)) {
        expect(group.length).toBeGreaterThan(0);
        controller.abort();
      }
    };
    await expect(cancelled()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

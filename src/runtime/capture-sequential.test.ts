import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { recognise } from '../core/anatomy/recognise.ts';
import type { Layer } from '../core/anatomy/types.ts';
import { readModel } from '../core/onnx/read.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { memoryData } from '../core/onnx/tensor-data.ts';
import type { Model } from '../core/onnx/types.ts';
import type { LayerStatistics } from '../core/statistics/types.ts';
import { captureByBlock, captureSequentially } from './capture-sequential.ts';
import { collectStatistics } from './collect-statistics.ts';
import { languageFeeds, realPositions } from './feeds.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import { inputPorts } from './ports.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const path = new URL('../../public/samples/stories/model.onnx', import.meta.url);
const model = await readModel(bytesSource(new Uint8Array(await readFile(path))));
const layers = recognise(model).layers.filter((layer) => layer.op !== 'Gather');

const batches = [0, 1, 2].map((b) => {
  const ids = (length: number) =>
    Int32Array.from({ length }, (_, i) => (i * 37 + 101 * b + 3) % 512);
  const windows = [ids(24), ids(17)];
  return {
    feeds: languageFeeds(inputPorts(model), { windows }),
    mask: realPositions({ windows }),
  };
});

const halves = async (current: Model, group: readonly Layer[]): Promise<Model> => {
  const names = new Set(group.map((layer) => layer.weight));
  const initializers = await Promise.all(
    current.graph.initializers.map(async (tensor) => {
      if (!names.has(tensor.name)) return tensor;
      const bytes = (await tensor.data.read()).slice();
      const values = new Float32Array(bytes.buffer);
      values.forEach((value, i) => (values[i] = value / 2));
      return { ...tensor, data: memoryData(bytes) };
    }),
  );
  return { ...current, graph: { ...current.graph, initializers } };
};

/** Fusions differ between whole and parts, so equal up to float32 rounding through five blocks. */
function expectAlike(
  found: LayerStatistics | undefined,
  wanted: LayerStatistics | undefined,
): void {
  expect(found?.rows).toBe(wanted?.rows);
  const scale = Math.max(...(wanted?.channelNorms ?? []));
  const far = (a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()) =>
    a.length === b.length
      ? a.reduce((top, value, i) => Math.max(top, Math.abs(value - b[i])), 0)
      : Infinity;
  expect(far(found?.channelNorms, wanted?.channelNorms)).toBeLessThan(2 ** -16 * scale);
  expect(far(found?.secondMoments, wanted?.secondMoments)).toBeLessThan(2 ** -15 * scale * scale);
}

describe('captureByBlock', () => {
  it('finds what one session of the whole model finds', async () => {
    const whole = await collectStatistics(runtime, model, layers, batches, { secondMoments: true });
    const fractions: number[] = [];
    const parts = await captureByBlock(runtime, model, layers, batches, {
      secondMoments: true,
      progress: (fraction) => fractions.push(fraction),
    });
    expect(whole.get(layers[0].name)?.secondMoments).toHaveLength(64 * 64);
    expect([...parts.keys()].sort()).toEqual(layers.map((layer) => layer.name).sort());
    for (const { name } of layers) expectAlike(parts.get(name), whole.get(name));
    expect(whole.get(layers[0].name)?.rows).toBe(3 * (24 + 17));
    // Five blocks of (q k v), (o), (gate up), (down), and the head.
    expect(fractions).toHaveLength(21);
    expect(fractions.at(-1)).toBe(1);
  });
});

describe('captureSequentially', () => {
  it('shows every layer what the compressed part before it produces', async () => {
    const seen = new Map<string, LayerStatistics>();
    const groups: string[][] = [];
    const result = await captureSequentially(
      runtime,
      model,
      layers,
      batches,
      async (group, statistics, current) => {
        groups.push(group.map((layer) => layer.role));
        for (const [name, entry] of statistics) seen.set(name, entry);
        return halves(current, group);
      },
      { secondMoments: true },
    );
    expect(groups.slice(0, 4).map((roles) => [...roles].sort())).toEqual([
      ['key', 'query', 'value'],
      ['attention-output'],
      ['gate', 'up'],
      ['down'],
    ]);
    const after = await collectStatistics(runtime, result, layers, batches, {
      secondMoments: true,
    });
    for (const { name } of layers) expectAlike(seen.get(name), after.get(name));
    const before = await collectStatistics(runtime, model, layers, batches, {
      secondMoments: false,
    });
    const last = layers.find((layer) => layer.block === 4 && layer.role === 'down')?.name ?? '';
    const [a, b] = [before.get(last)?.channelNorms[0] ?? 0, seen.get(last)?.channelNorms[0] ?? 0];
    expect(Math.abs(a - b)).toBeGreaterThan(0.01 * a);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const walk = captureSequentially(
      runtime,
      model,
      layers,
      batches,
      async (_, __, current) => {
        controller.abort();
        return current;
      },
      { secondMoments: false, signal: controller.signal },
    );
    await expect(walk).rejects.toMatchObject({ code: 'cancelled' });
  });
});

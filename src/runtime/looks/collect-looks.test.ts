import { describe, expect, it } from 'vitest';
import { gpt2Fixtures } from '../../../test/fixtures/layouts/gpt2.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { findLayers } from '../../core/anatomy/layers.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { normal, seededRandom } from '../../core/random/seeded.ts';
import { inputOf, looksAtInputs } from '../../core/statistics/look.ts';
import type { CaptureBatch } from '../capture.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import { collectLooks } from './collect-looks.ts';

const runtime = await createWasmRuntime({ threads: 1 });

function floats(length: number, label: string): Float32Array {
  const random = seededRandom(11, label);
  return Float32Array.from({ length }, () => normal(random));
}

function batchOf(dims: readonly number[], label: string): CaptureBatch {
  const count = dims.reduce((a, b) => a * b, 1);
  return { feeds: { x: { dataType: 1, dims, data: floats(count, label) } } };
}

/** h = |x|; y = h·A − h·B; z = Reshape(h) to rows of half the width. */
function twoReaders() {
  const g = new GraphBuilder('two');
  const x = g.input('x', 'float32', ['batch', 'sequence', 4]);
  const h = g.op('Abs', [x]);
  const a = g.op('MatMul', [h, g.floats('a', [4, 3], floats(12, 'a'))]);
  const b = g.op('MatMul', [h, g.floats('b', [4, 3], floats(12, 'b'))]);
  g.output(g.op('Sub', [a, b]), 'float32', ['batch', 'sequence', 3], 'y');
  g.output(g.op('Reshape', [h, g.integers('half', [-1, 2])]), 'float32', ['n', 2], 'z');
  return { model: g.finish(), h };
}

const batches = [batchOf([2, 3, 4], 'first'), batchOf([1, 5, 4], 'second')];
const numbers = (batch: CaptureBatch) => [...(batch.feeds['x'].data as Float32Array)];
const all = batches.flatMap(numbers);

describe('collectLooks', () => {
  it('sees any value: an input, an inner value, an output', async () => {
    const { model, h } = twoReaders();
    const progress: number[] = [];
    const looks = ['x', h, 'y'].map((value) => ({ value, take: ['range', 'mean'] as const }));
    const seen = await collectLooks(runtime, model, looks, batches, {
      progress: (done) => progress.push(done),
    });
    expect(seen.at({ value: 'x' }, 'range')).toEqual({
      ...{ rows: 11, columns: 4 },
      ...{ minimum: Math.min(...all), maximum: Math.max(...all) },
    });
    const sizes = all.map(Math.abs);
    expect(seen.at({ value: h }, 'range')).toMatchObject({
      ...{ minimum: Math.min(...sizes), maximum: Math.max(...sizes) },
    });
    expect(seen.at({ value: 'y' }, 'mean')).toMatchObject({ rows: 11, columns: 3 });
    expect(seen.at({ value: 'y' }, 'norms')).toBeUndefined();
    expect(progress).toEqual([1, 2]);
  });

  it('collects what two layers read once, and gives both the same', async () => {
    const { model } = twoReaders();
    const [a, b] = findLayers(model);
    const seen = await collectLooks(runtime, model, looksAtInputs([a, b], ['norms']), batches);
    const found = seen.at(inputOf(a), 'norms');
    expect(found).toBe(seen.at(inputOf(b), 'norms'));
    const squares = all.reduce((sum, value, i) => (i % 4 === 2 ? sum + value * value : sum), 0);
    expect(found?.values[2]).toBe(Math.fround(Math.sqrt(squares)));
  });

  it('sees the same of a layer, to the bit, whichever others are asked for', async () => {
    // A session that must deliver a LayerNormalization's output does not fuse it with the sum before.
    const fixture = gpt2Fixtures.find(
      ({ name }) => name === 'gpt2 plain, opset 18, LayerNormalization',
    );
    const model = fixture?.model() ?? twoReaders().model;
    const layers = findLayers(model).filter(({ op }) => op !== 'Gather');
    const data = [{ feeds: feedsOf(model, fixture?.feeds ?? {}) }];
    const together = await collectLooks(runtime, model, looksAtInputs(layers, ['norms']), data);
    expect(layers.length).toBeGreaterThan(10);
    for (const layer of layers.slice(5, 9)) {
      const alone = await collectLooks(runtime, model, looksAtInputs([layer], ['norms']), data);
      const found = alone.at(inputOf(layer), 'norms');
      expect(found).toEqual(together.at(inputOf(layer), 'norms'));
    }
  });

  it('leaves padding out', async () => {
    const { model, h } = twoReaders();
    const padded = { ...batches[0], mask: Uint8Array.of(1, 0, 0, 1, 1, 0) };
    const seen = await collectLooks(runtime, model, [{ value: h, take: ['maxima'] }], [padded]);
    const kept = [0, 3, 4].map((r) => Math.abs(numbers(batches[0])[4 * r]));
    expect(seen.at({ value: h }, 'maxima')).toMatchObject({ rows: 3 });
    expect(seen.at({ value: h }, 'maxima')?.values[0]).toBe(Math.max(...kept));
  });

  it('compares two values of one run, row by row', async () => {
    const { model, h } = twoReaders();
    const take = [
      { kind: 'cosine with', other: { value: h } },
      { kind: 'cross moments with', other: { value: h } },
    ] as const;
    const seen = await collectLooks(runtime, model, [{ value: 'x', take }], batches);
    const cosines = Array.from({ length: 11 }, (_, r) => {
      const row = all.slice(4 * r, 4 * r + 4);
      const squares = row.reduce((sum, value) => sum + value * value, 0);
      return row.reduce((sum, value) => sum + value * Math.abs(value), 0) / squares;
    });
    const mean = cosines.reduce((sum, value) => sum + value, 0) / 11;
    expect(Math.abs((seen.at({ value: 'x' }, take[0])?.mean ?? NaN) - mean)).toBeLessThan(2 ** -48);
    const products = all.map((value, i) => (i % 4 === 1 ? Math.abs(value) * all[i + 2] : 0));
    const wanted = products.reduce((sum, value) => sum + value, 0);
    const size = products.reduce((sum, value) => sum + Math.abs(value), 0);
    const cross = seen.at({ value: 'x' }, take[1])?.values[1 * 4 + 3] ?? NaN;
    expect(Math.abs(cross - wanted)).toBeLessThan(11 * 2 ** -24 * size);
  });

  it('sees nothing without data', async () => {
    const { model, h } = twoReaders();
    const seen = await collectLooks(runtime, model, [{ value: h, take: ['norms'] }], []);
    expect(seen.at({ value: h }, 'norms')).toBeUndefined();
  });

  it('refuses in words what it cannot see', async () => {
    const { model, h } = twoReaders();
    const look = (value: string, take: Parameters<typeof collectLooks>[2][number]['take']) =>
      collectLooks(runtime, model, [{ value, take }], batches);
    await expect(look('nowhere', ['norms'])).rejects.toThrow(
      'The model has no value "nowhere" to look at; name an input of the model or an output of one of its nodes.',
    );
    await expect(look('x', ['gradient'])).rejects.toThrow(
      'The gradient at "x" was asked for, but collecting runs the model forward only and sees none; choose a method that needs no gradients.',
    );
    const other = 'float path';
    await expect(look('x', [{ kind: 'cross moments with', other }])).rejects.toThrow(
      'At "x" the compressed path was to be compared with the float path, but nothing is compressed while the whole model runs at once; compress layers in order.',
    );
    await expect(look(h, [{ kind: 'cross moments with', other: { value: 'z' } }])).rejects.toThrow(
      `The values "${h}" and "z" have 6 and 12 rows, which do not go in step; look at two values with the same leading dimensions.`,
    );
  });

  it('stops when cancelled', async () => {
    const { model, h } = twoReaders();
    const controller = new AbortController();
    const cancelled = collectLooks(runtime, model, [{ value: h, take: ['norms'] }], batches, {
      signal: controller.signal,
      progress: () => controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});

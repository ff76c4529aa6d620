import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../test/fixtures/methods/models.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { decodeWeight, levelsOf } from '../../src/core/encodings/index.ts';
import { allMetas } from '../../src/core/methods/catalog.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import { nothingSeen } from '../../src/core/statistics/seen.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import type { PreviewRequest } from '../protocol.ts';
import { rangeOf, subjectOf, type Subject } from './pictures.ts';
import { previewLayer } from './preview.ts';
import { standIn } from './stand-in.ts';

const ROWS = 48;
const COLUMNS = 96;
const { model: MODEL, layer: LAYER } = oneLayerModel('MatMul', ROWS, COLUMNS);

function subject(values = gaussian(ROWS * COLUMNS, 1)): Subject {
  return subjectOf(MODEL, { layer: LAYER, values }, 16, 40);
}

function request(method: string, options: PreviewRequest['options'] = {}): PreviewRequest {
  return { sequence: 3, layer: 'w', method, options, cells: 16, bins: 40 };
}

/** What a recipe would make of the weight. */
async function compressed(id: string, options: Readonly<Record<string, unknown>>) {
  const { encoder, meta } = methodById(id);
  if (encoder === undefined) throw new Error(`${id} encodes nothing`);
  const { values } = subject().weight;
  const parsed = meta.options.parse(options);
  const weight = { layer: LAYER, values };
  const form = encoder.form(LAYER, parsed, MODEL);
  if (isRefusal(form)) throw new Error(form.refused);
  const context = { random: seededRandom(0, 'preview') };
  const { encoded } = await encoder.encode(weight, form, nothingSeen, parsed, context);
  return { encoded, shown: decodeWeight(encoded, ROWS, COLUMNS) };
}

function relativeError(w: Float32Array, shown: Float32Array): number {
  let [error, signal] = [0, 0];
  w.forEach((v, i) => {
    error += (v - shown[i]) ** 2;
    signal += v * v;
  });
  return error / signal;
}

describe('previewLayer', () => {
  it('rounding shows exactly what a recipe would store, for every kind of grid', async () => {
    const given = subject();
    for (const blockSize of [16, 32, 'channel', 'tensor'])
      for (const symmetric of [true, false])
        for (const scales of ['float32', 'float16']) {
          const options = { bits: 3, blockSize, symmetric, scales };
          const preview = await previewLayer(given, request('round-to-nearest', options));
          const { shown, encoded } = await compressed('round-to-nearest', options);
          const what = JSON.stringify(options);
          const picture = given.resident.dense(shown);
          expect(preview.after.heat, what).toEqual(picture.heat);
          expect(preview.after.histogram, what).toEqual(picture.histogram);
          expect(preview.zeros, what).toBe(shown.filter((v) => v === 0).length);
          const error = relativeError(given.weight.values, shown);
          expect(Math.abs(preview.relativeError / error - 1), what).toBeLessThan(1e-5);
          expect(preview.sqnr).toBeCloseTo(-10 * Math.log10(error), 3);
          expect(preview.grid?.length, what).toBe(8);
          expect(preview.grid, what).toEqual(levelsOf(encoded));
        }
  });

  it('a method without a kernel of its own runs as in a recipe', async () => {
    const given = subject();
    const preview = await previewLayer(given, request('magnitude', { sparsity: 0.25 }));
    const { shown } = await compressed('magnitude', { sparsity: 0.25 });
    expect(preview.zeros).toBe(shown.filter((v) => v === 0).length);
    expect(Math.abs(preview.zeros / (ROWS * COLUMNS) - 0.25)).toBeLessThan(0.001);
    expect(preview.after.heat).toEqual(given.resident.dense(shown).heat);
    expect(preview.grid).toBeUndefined();
    expect(preview.note).toBeUndefined();
    const half = await previewLayer(given, request('float16'));
    expect(half.relativeError).toBeGreaterThan(0);
    expect(half.relativeError).toBeLessThan(2 ** -20);
  });

  it('a calibrated method is stood in for by its baseline, and says so', async () => {
    const given = subject();
    const preview = await previewLayer(given, request('gptq', { bits: 2 }));
    const baseline = await previewLayer(given, request('round-to-nearest', { bits: 2 }));
    expect(preview.note).toBe(
      'GPTQ looks at calibration data, so this shows Round to nearest until you run it.',
    );
    expect(preview.after).toEqual(baseline.after);
  });

  it.each(allMetas())('$title says rightly whether it has a picture of a weight', (meta) => {
    const shown = (): unknown => standIn(meta.id, {});
    if (meta.pictures === 'weight') expect(shown).not.toThrow();
    else expect(shown).toThrow(`${meta.title} changes the graph, not single weights`);
  });

  it('a method on the whole graph has no picture of a weight', async () => {
    await expect(previewLayer(subject(), request('deduplicate'))).rejects.toThrow(
      'changes the graph, not single weights; choose another step to see its weights.',
    );
  });

  it('the picture before is that of the weight, in the same frame', async () => {
    const given = subject();
    const preview = await previewLayer(given, request('round-to-nearest'));
    const { minimum, maximum } = rangeOf(given.weight.values);
    expect([preview.minimum, preview.maximum]).toEqual([minimum, maximum]);
    expect(Math.max(...preview.before.heat)).toBe(maximum);
    expect(Math.min(...preview.before.heat)).toBe(minimum);
    expect(preview.before.histogram.reduce((a, b) => a + b)).toBe(ROWS * COLUMNS);
    expect(preview.after.histogram.reduce((a, b) => a + b)).toBe(ROWS * COLUMNS);
  });

  it('a weight of zeros has no error', async () => {
    const preview = await previewLayer(
      subject(new Float32Array(ROWS * COLUMNS)),
      request('round-to-nearest'),
    );
    expect(preview.relativeError).toBe(0);
    expect(preview.sqnr).toBe(Infinity);
    expect(preview.zeros).toBe(ROWS * COLUMNS);
  });
});

it('the range leaves out what is not finite', () => {
  expect(rangeOf(Float32Array.of(NaN, -2, Infinity, 3, -Infinity))).toEqual({
    minimum: -2,
    maximum: 3,
  });
  expect(rangeOf(Float32Array.of(NaN))).toEqual({ minimum: 0, maximum: 0 });
});

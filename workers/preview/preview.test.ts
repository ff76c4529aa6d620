import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../test/fixtures/methods/models.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { decodeWeight, groupOf } from '../../src/core/encodings/index.ts';
import { allMetas } from '../../src/core/methods/catalog.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import { nothingSeen } from '../../src/core/statistics/seen.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import type { Entry, PreviewStep } from '../protocol.ts';
import { windowAround } from './block.ts';
import { rowsToCount } from './grid-histogram.ts';
import { rangeOf, subjectOf, type Subject } from './pictures.ts';
import { previewLayer } from './preview.ts';
import { standIn } from './stand-in.ts';
import { stepOutcome } from './step-outcome.ts';

const ROWS = 48;
const COLUMNS = 96;
const SHAPE = { rows: ROWS, columns: COLUMNS };
const { model: MODEL, layer: LAYER } = oneLayerModel('MatMul', ROWS, COLUMNS);

const CROP = { rows: { from: 3, end: 20 }, columns: { from: 10, end: 50 } };

function subject(values = gaussian(ROWS * COLUMNS, 1)): Promise<Subject> {
  return subjectOf(MODEL, { layer: LAYER, values }, 16, 40);
}

async function preview(
  given: Subject,
  method: string,
  options: PreviewStep['options'] = {},
  entry: Entry = { row: 5, column: 70 },
) {
  const outcome = await stepOutcome(given, { method, options });
  const shown = previewLayer(given, outcome, { sequence: 3, entry, crop: CROP, bins: 40 });
  if (shown.after === undefined) throw new Error('nothing is shown afterwards');
  return { ...shown, after: shown.after };
}

/** The crop of a matrix, and all values of one row between two columns. */
function cropOf(values: Float32Array): number[] {
  return [...values].filter((_, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    return row >= 3 && row < 20 && column >= 10 && column < 50;
  });
}

/** What a recipe would make of the weight. */
async function compressed(id: string, options: unknown) {
  const { encoder, meta } = methodById(id);
  if (encoder === undefined) throw new Error(`${id} encodes nothing`);
  const { values } = (await subject()).weight;
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
    const given = await subject();
    for (const blockSize of [16, 32, 'channel', 'tensor'])
      for (const symmetric of [true, false])
        for (const scales of ['float32', 'float16'])
          for (const clip of ['none', 'mse']) {
            const options = { bits: 3, blockSize, symmetric, scales, clip };
            const { after, block } = await preview(given, 'round-to-nearest', options);
            const { shown, encoded } = await compressed('round-to-nearest', options);
            const what = JSON.stringify(options);
            expect([...after.crop], what).toEqual(cropOf(shown));
            expect(after.zeros, what).toBe(shown.filter((v) => v === 0).length);
            const error = relativeError(given.weight.values, shown);
            expect(Math.abs(after.relativeError / error - 1), what).toBeLessThan(1e-5);
            expect(after.sqnr).toBeCloseTo(-10 * Math.log10(error), 3);
            const group = groupOf(encoded, SHAPE, { row: 5, column: 70 });
            expect(block.grid?.levels, what).toEqual(group?.levels);
            expect([block.rows, block.columns], what).toEqual([group?.rows, group?.columns]);
            const { from, end } = block.drawn.columns;
            const row = 5 * COLUMNS;
            expect(block.after, what).toEqual(shown.slice(row + from, row + end));
            expect(block.before).toEqual(given.weight.values.slice(row + from, row + end));
          }
  });

  it('in units of the scale there are as many bars as the bits have values, whatever the blocks', async () => {
    const { codes, of } = await codesOf(false);
    expect(codes?.at).toEqual(Float32Array.of(0, 1, 2, 3));
    expect([...(codes?.counts ?? [])]).toEqual(of);
    expect([codes?.from, codes?.to, codes?.turned]).toEqual([-1, 4, false]);
    expect(codes?.before.length).toBe(40);
    expect(codes?.before.reduce((a, b) => a + b)).toBe(ROWS * COLUMNS);
  });

  it('where scales have both signs the bars are steps from zero, small values left', async () => {
    const { codes, of } = await codesOf(true);
    expect(codes?.at).toEqual(Float32Array.of(-2, -1, 0, 1, 2));
    const [left, low = 0, none, high = 0, right] = [...(codes?.counts ?? [])];
    expect([(left ?? 0) + (right ?? 0), low + high, none]).toEqual([of[0], of[1] + of[3], of[2]]);
    expect([codes?.from, codes?.to, codes?.turned]).toEqual([-3, 3, true]);
    expect(codes?.before.reduce((a, b) => a + b)).toBe(ROWS * COLUMNS);
  });

  /** What is drawn, and how many weights each code has. */
  async function codesOf(symmetric: boolean) {
    const options = { bits: 2, blockSize: 16, symmetric };
    const { codes } = (await preview(await subject(), 'round-to-nearest', options)).after;
    const { encoded } = await compressed('round-to-nearest', options);
    const of = [0, 0, 0, 0];
    if (encoded.kind === 'coded') for (const code of encoded.codes ?? []) of[code]++;
    expect(codes?.weights).toBe(ROWS * COLUMNS);
    return { codes, of };
  }

  it('the bins before are where the weights lie between the codes', async () => {
    // One block of 16 from −8 to 7: with 4 bits its scale is 1 and its zero 8.
    const values = new Float32Array(ROWS * COLUMNS).map((_, i) => (i % 16) - 8);
    const { codes } = (
      await preview(await subject(values), 'round-to-nearest', { bits: 4, blockSize: 16 })
    ).after;
    const each = (ROWS * COLUMNS) / 16;
    expect([...(codes?.counts ?? [])]).toEqual(new Array(16).fill(each));
    // Two bins a code over −1 … 16: whole codes begin every second one.
    const bins = Array.from({ length: 34 }, (_, i) => (i % 2 === 0 && i >= 2 ? each : 0));
    expect([...(codes?.before ?? [])]).toEqual(bins);
  });

  it('a method without a kernel of its own runs as in a recipe', async () => {
    const given = await subject();
    const shownAs = await preview(given, 'magnitude', { sparsity: 0.25 });
    const { shown } = await compressed('magnitude', { sparsity: 0.25 });
    expect(shownAs.after.zeros).toBe(shown.filter((v) => v === 0).length);
    expect(Math.abs(shownAs.after.zeros / (ROWS * COLUMNS) - 0.25)).toBeLessThan(0.001);
    expect([...shownAs.after.crop]).toEqual(cropOf(shown));
    expect(shownAs.after.codes).toBeUndefined();
    expect(shownAs.block.grid).toBeUndefined();
    expect(shownAs.block.columns).toEqual({ from: 64, end: 96 });
    expect(shownAs.note).toBeUndefined();
    const half = (await preview(given, 'float16')).after;
    expect(half.relativeError).toBeGreaterThan(0);
    expect(half.relativeError).toBeLessThan(2 ** -20);
    expect(half.did).toBe('stored as float16');
  });

  it.each(allMetas().filter(({ pictures }) => pictures === 'weight'))(
    'the rows of $title are the rows of the whole, and so is every group',
    async ({ id }) => {
      const given = await subject();
      const parsed = standIn(id, {});
      const outcome = await stepOutcome(given, { method: id, options: {} }).catch(() => undefined);
      // What works on stored codes alone has nothing to do here.
      if (outcome === undefined) return expect(parsed.method.encoder.decodes).toBe(true);
      const { encoded, shown } = await compressed(parsed.method.meta.id, parsed.options);
      const rows = [0, 7, 47];
      const want = rows.flatMap((r) => [...shown.subarray(r * COLUMNS, (r + 1) * COLUMNS)]);
      expect([...outcome.rows(rows).values]).toEqual(want);
      for (const entry of [
        { row: 0, column: 0 },
        { row: 47, column: 95 },
      ])
        expect(outcome.group(entry)).toEqual(groupOf(encoded, SHAPE, entry));
    },
  );

  it('a calibrated method is stood in for by its baseline, and says so', async () => {
    const given = await subject();
    const shown = await preview(given, 'gptq', { bits: 2 });
    const baseline = await preview(given, 'round-to-nearest', { bits: 2 });
    expect(shown.note).toBe(
      'GPTQ needs calibration data: until it runs, this shows Round to nearest.',
    );
    expect(shown.after).toEqual(baseline.after);
  });

  it('a method that can do without data is shown without, and says so', async () => {
    const given = await subject();
    const shown = await preview(given, 'any-precision', { bits: 3 });
    const without = await preview(given, 'any-precision', { bits: 3, rounding: 'nearest' });
    expect(shown.note).toBe(
      'Any precision looks at calibration data when it runs: until then, this shows it without.',
    );
    expect(without.note).toBeUndefined();
    expect(shown.after).toEqual(without.after);
  });

  it.each(allMetas())('$title says rightly whether it has a picture of a weight', (meta) => {
    const shown = (): unknown => standIn(meta.id, {});
    if (meta.pictures === 'weight') expect(shown).not.toThrow();
    else expect(shown).toThrow(`${meta.title} changes the model as a whole`);
  });

  it('a method on the whole graph has no picture of a weight', async () => {
    await expect(
      stepOutcome(await subject(), { method: 'deduplicate', options: {} }),
    ).rejects.toThrow(
      'changes the model as a whole, so a single weight has no picture before a run; choose another step to see its weights.',
    );
  });

  it('the picture before is that of the weight, in the same frame', async () => {
    const given = await subject();
    const shown = await preview(given, 'round-to-nearest');
    const { minimum, maximum } = rangeOf(given.weight.values);
    expect([shown.minimum, shown.maximum]).toEqual([minimum, maximum]);
    expect(Math.max(...shown.overview.values)).toBe(maximum);
    expect(Math.min(...shown.overview.values)).toBe(minimum);
    expect([...shown.before.crop]).toEqual(cropOf(given.weight.values));
    expect(shown.before.histogram.reduce((a, b) => a + b)).toBe(ROWS * COLUMNS);
    const pruned = (await preview(given, 'magnitude')).after;
    expect(pruned.histogram?.reduce((a, b) => a + b)).toBe(ROWS * COLUMNS);
  });

  it('where nothing is done there is a picture before, and some neighbours', async () => {
    const given = await subject();
    const asked = { sequence: 1, entry: { row: 2, column: 40 }, crop: CROP, bins: 40 };
    const shown = previewLayer(given, undefined, asked);
    expect(shown.after).toBeUndefined();
    expect(shown.block.drawn).toEqual({ row: 2, columns: { from: 32, end: 64 } });
    expect(shown.block.after).toBeUndefined();
  });

  it('a crop reaches as far as the layer does', async () => {
    const whole = { rows: { from: 40, end: 90 }, columns: { from: 0, end: 500 } };
    const asked = { sequence: 1, entry: { row: 200, column: 300 }, crop: whole, bins: 40 };
    const shown = previewLayer(await subject(), undefined, asked);
    expect(shown.crop).toEqual({ rows: { from: 40, end: 48 }, columns: { from: 0, end: 96 } });
    expect(shown.before.crop).toHaveLength(8 * 96);
    expect(shown.block.drawn.row).toBe(47);
  });

  it('a weight of zeros has no error', async () => {
    const given = await subject(new Float32Array(ROWS * COLUMNS));
    const { after } = await preview(given, 'round-to-nearest');
    expect(after.relativeError).toBe(0);
    expect(after.sqnr).toBe(Infinity);
    expect(after.zeros).toBe(ROWS * COLUMNS);
  });
});

it.each([
  [{ rows: 4, columns: 8 }, [0, 1, 2, 3]],
  [{ rows: 64, columns: 16_384 }, [0, 16, 32, 48]],
  [{ rows: 3, columns: 100_000 }, [0]],
])('of large layers whole rows are counted: %o', (shape, rows) => {
  expect(rowsToCount(shape)).toEqual(rows);
});

it('of long blocks the stretch around a weight is drawn', () => {
  expect(windowAround(5, { from: 0, end: 100 })).toEqual({ from: 0, end: 100 });
  expect(windowAround(300, { from: 0, end: 700 })).toEqual({ from: 256, end: 384 });
  expect(windowAround(690, { from: 0, end: 700 })).toEqual({ from: 640, end: 700 });
});

it('the range leaves out what is not finite', () => {
  expect(rangeOf(Float32Array.of(NaN, -2, Infinity, 3, -Infinity))).toEqual({
    minimum: -2,
    maximum: 3,
  });
  expect(rangeOf(Float32Array.of(NaN))).toEqual({ minimum: 0, maximum: 0 });
});

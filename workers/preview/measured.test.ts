import { describe, expect, it } from 'vitest';
import { codes, SHAPE } from '../../test/fixtures/encodings/methods.ts';
import { oneLayerModel } from '../../test/fixtures/methods/models.ts';
import { decodeWeight, groupOf, writeEncodings } from '../../src/core/encodings/index.ts';
import { sampleOf } from '../../src/core/encodings/sample.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { nothingSeen } from '../../src/core/statistics/seen.ts';
import { blockPicture } from './block.ts';
import { measuredOutcome, openMeasured } from './measured.ts';
import { subjectOf } from './pictures.ts';
import { stepOutcome } from './step-outcome.ts';

const ROWS = 48;
const COLUMNS = 96;
const { model, layer } = oneLayerModel('MatMul', ROWS, COLUMNS, { opset: 21 });
const values = gaussian(ROWS * COLUMNS, 1);
const subject = await subjectOf(model, { layer, values }, 16, 40);

/** What a step writes, read from the bytes of the file. */
async function written(method: string, options: Readonly<Record<string, unknown>>) {
  const { encoder, meta } = methodById(method);
  const parsed = meta.options.parse(options);
  const form = encoder?.form(layer, parsed, model);
  if (encoder === undefined || form === undefined || isRefusal(form)) throw new Error(method);
  const context = { random: seededRandom(0, 'preview') };
  const { encoded } = await encoder.encode({ layer, values }, form, nothingSeen, parsed, context);
  const file = writeEncodings(model, [{ layer, encoded }]).model;
  return { encoded, file: await openMeasured(bytesSource(await writeModel(file))) };
}

describe.each([
  ['round-to-nearest', { bits: 8 }],
  ['round-to-nearest', { bits: 4, symmetric: false }],
  ['round-to-nearest', { bits: 3 }],
  ['round-to-nearest', { bits: 2, symmetric: false, scales: 'float16' }],
  ['round-to-nearest', { bits: 3, blockSize: 'tensor' }],
  ['hqq', { bits: 3 }],
  ['power-of-two', { bits: 4 }],
])('%s %o', (method, options) => {
  it('the file gives the numbers that were written, and their grid', async () => {
    const { encoded, file } = await written(method, options);
    const outcome = await measuredOutcome(subject, file, [{ method, options }]);
    const shape = { rows: ROWS, columns: COLUMNS };
    const all = Array.from({ length: ROWS }, (_, row) => row);
    expect(outcome.from).toBe('file');
    expect(outcome.rows(all).values).toEqual(decodeWeight(encoded, ROWS, COLUMNS));
    const entry = { row: 5, column: 70 };
    const grid = (group: ReturnType<typeof groupOf>) => [...(group?.levels ?? [])];
    expect(grid(outcome.group(entry))).toEqual(grid(groupOf(encoded, shape, entry)));
  });
});

it('numbers that are no codes have no grid, and the word for their type', async () => {
  const { encoded, file } = await written('float16', {});
  const outcome = await measuredOutcome(subject, file, [{ method: 'float16', options: {} }]);
  expect(outcome.did).toBe('stored as float16');
  expect(outcome.group({ row: 0, column: 0 })).toBeUndefined();
  expect(outcome.rows([3]).values).toEqual(
    decodeWeight(encoded, ROWS, COLUMNS).slice(3 * COLUMNS, 4 * COLUMNS),
  );
});

it.each([{}, { factors: 'float16' }])('a factored weight is its two factors: %o', async (given) => {
  const options = { ranks: 'fixed', rank: 4, ...given };
  const { encoded, file } = await written('svd', options);
  const outcome = await measuredOutcome(subject, file, [{ method: 'svd', options }]);
  expect([outcome.did, outcome.from]).toEqual(['factored', 'file']);
  const all = Array.from({ length: ROWS }, (_, row) => row);
  expect(outcome.rows(all).values).toEqual(decodeWeight(encoded, ROWS, COLUMNS));
});

it.each([4, 3])('codes of %i bits and a correction beside them are their sum', async (bits) => {
  const options = { bits, basis: 'weights', rank: 4 };
  const { encoded, file } = await written('low-rank-residual', options);
  const outcome = await measuredOutcome(subject, file, [{ method: 'low-rank-residual', options }]);
  expect([outcome.did, outcome.from]).toEqual(['split into a sum', 'file']);
  const all = Array.from({ length: ROWS }, (_, row) => row);
  expect(outcome.rows(all).values).toEqual(decodeWeight(encoded, ROWS, COLUMNS));
});

it('a layer that is not in the file, or has another shape there, is named', async () => {
  const { file } = await written('float16', {});
  const elsewhere = { ...layer, output: 'gone', name: 'head' };
  await expect(
    measuredOutcome({ ...subject, weight: { layer: elsewhere, values } }, file, []),
  ).rejects.toThrow(
    '"head" is not in the file of this trial: the recipe removed it or joined it with another layer, so it has no picture afterwards.',
  );
  const wider = { ...layer, outFeatures: 50 };
  await expect(
    measuredOutcome({ ...subject, weight: { layer: wider, values } }, file, []),
  ).rejects.toThrow(
    `"${layer.name}" is 48 × 96 in the file of this trial and was 50 × 96, so there is no weight-by-weight picture; choose a layer that kept its shape.`,
  );
});

it('a weight that is stored as codes shows the grid it has, and can be rounded again', async () => {
  const made = oneLayerModel('MatMul', SHAPE.rows, SHAPE.columns, { opset: 21 });
  const encoded = sampleOf(codes(4, 16), SHAPE, seededRandom(3, 'stored'));
  const file = writeEncodings(made.model, [{ layer: made.layer, encoded }]).model;
  const weight = decodeWeight(encoded, SHAPE.rows, SHAPE.columns);
  const stored = await subjectOf(file, { layer: made.layer, values: weight }, 16, 40);
  const block = blockPicture(stored, undefined, { row: 2, column: 20 }, 40);
  expect(block.grid?.levels).toEqual(groupOf(encoded, SHAPE, { row: 2, column: 20 })?.levels);
  const again = await stepOutcome(stored, { method: 'round-to-nearest', options: { bits: 2 } });
  expect(again.rows([0]).coded?.bits).toBe(2);
});

import { describe, expect, it } from 'vitest';
import { encode } from '../../../../test/support/methods.ts';
import { bytesOfModel } from '../../../../test/fixtures/methods/run.ts';
import { oneLayerModel } from '../../../../test/fixtures/methods/models.ts';
import { activations, momentsOf, seenOf } from '../../../../test/fixtures/methods/statistics.ts';
import { findLayers } from '../../anatomy/layers.ts';
import {
  decodeWeight,
  storedWeightOf,
  writeEncodings,
  type Encoded,
} from '../../encodings/index.ts';
import { outputError, weightError } from '../../metrics/weight-error.ts';
import { formOf } from '../requantize.ts';
import { isRefusal } from '../site.ts';
import { readWeight } from '../weight.ts';
import { gptq } from './gptq/gptq.ts';
import { meta } from './gptq/meta.ts';
import { roundToNearest } from './round-to-nearest/round-to-nearest.ts';
import { meta as roundMeta } from './round-to-nearest/meta.ts';

const [rows, columns] = [24, 104];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);
const x = activations(400, columns, 4);
const seen = seenOf([layer], () => x);
const moments = momentsOf(x, columns).values;

/** Bytes that a layer's weight takes in the file, as it was planned and as it was made. */
async function made(options: object) {
  const read = await readWeight(model, layer);
  const parsed = meta.options.parse(options);
  const form = formOf(gptq, layer, parsed, model);
  if (isRefusal(form)) throw new Error(form.refused);
  const { encoded } = await encode(gptq, model, read, parsed, seen);
  const write = (one: Encoded) => writeEncodings(model, [{ layer, encoded: one }]);
  const bytes = write(encoded).bytes.get(layer.output) ?? NaN;
  expect(bytesOfModel(write(form).model)).toBe(bytesOfModel(write(encoded).model));
  const values = decodeWeight(encoded, rows, columns);
  return { bytes, values, error: outputError(weight, values, moments, columns) };
}

const TIGHT = { blockSize: 16, symmetric: false, scales: '4 bits', zeros: 'half codes' };

describe('grids that are stored tightly', () => {
  it('take the bits they say', async () => {
    const groups = Math.ceil(columns / 16);
    const codes = rows * Math.ceil((columns * 3) / 24) * 3;
    const scales = (rows * groups * 4) / 8 + rows * 2;
    const zeros = (rows * groups * 4) / 8;
    expect((await made({ ...TIGHT, bits: 3 })).bytes).toBe(codes + scales + zeros);
    const packed = Math.ceil((rows * groups) / 8) * 3;
    expect((await made({ ...TIGHT, bits: 3, zeros: 'packed' })).bytes).toBe(
      codes + scales + packed,
    );
  });

  it.each([2, 3, 4, 5, 6])('serve rounding and GPTQ at %i bits', async (bits) => {
    const read = await readWeight(model, layer);
    const errors = await Promise.all(
      [TIGHT, { ...TIGHT, scales: '8 bits' }].map(async (options) => {
        const parsed = roundMeta.options.parse({ ...options, bits });
        const { encoded } = await encode(roundToNearest, model, read, parsed);
        const rounded = decodeWeight(encoded, rows, columns);
        const own = await made({ ...options, bits });
        expect(own.error).toBeLessThan(0.8 * outputError(weight, rounded, moments, columns));
        return weightError(weight, rounded);
      }),
    );
    const plain = roundMeta.options.parse({ bits, blockSize: 16, symmetric: false });
    const { encoded } = await encode(roundToNearest, model, read, plain);
    const floats = weightError(weight, decodeWeight(encoded, rows, columns));
    // Half codes take away more than coarse scales add, but scales in 4 bits cost where codes are many.
    expect(errors[1]).toBeLessThan(1.05 * floats);
  });

  it('gain by being chosen for the output, and by every round of refinement', async () => {
    for (const bits of [2, 3]) {
      const laid = await made({ ...TIGHT, bits });
      const chosen = await made({ ...TIGHT, bits, clip: 'output' });
      const refined = await made({ ...TIGHT, bits, clip: 'output', refine: 4 });
      expect(chosen.error).toBeLessThan(0.95 * laid.error);
      expect(refined.error).toBeLessThan(0.97 * chosen.error);
      expect(refined.bytes).toBe(laid.bytes);
    }
  });

  it('are read back from the file, from behind a kernel too', async () => {
    for (const [bits, kernel] of [
      [4, 'MatMulNBits'],
      [2, 'MatMulNBits'],
      [3, 'standard operators'],
      [6, 'standard operators'],
    ] as const) {
      const read = await readWeight(model, layer);
      const options = roundMeta.options.parse({ ...TIGHT, bits, zeros: 'packed' });
      const { encoded } = await encode(roundToNearest, model, read, options);
      const file = writeEncodings(model, [{ layer, encoded }]).model;
      const stored = storedWeightOf(file, layer);
      expect(stored).toMatchObject({ kernel, bits });
      const [found] = findLayers(file);
      expect((await readWeight(file, found)).values).toEqual(decodeWeight(encoded, rows, columns));
    }
  });

  it('of one grid for the whole matrix have one zero point', async () => {
    const read = await readWeight(model, layer);
    const options = { blockSize: 'tensor', bits: 3, symmetric: false, zeros: 'half codes' };
    const parsed = roundMeta.options.parse(options);
    const { encoded } = await encode(roundToNearest, model, read, parsed);
    const values = decodeWeight(encoded, rows, columns);
    expect(new Set(values).size).toBeLessThanOrEqual(8);
    expect(weightError(weight, values)).toBeLessThan(0.3);
  });

  it('are refused where the sweep would have to know them before', () => {
    const result = meta.options.safeParse({ clip: 'output', staticGroups: true });
    expect(result.error?.issues[0].message).toBe(
      'the range with the smallest error on the output is found when the sweep reaches a block, and fixed grids are found before; set staticGroups to false or clip to "mse"',
    );
  });
});

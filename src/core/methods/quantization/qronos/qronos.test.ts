import { describe, expect, it } from 'vitest';
import { oneLayerModel, seeded } from '../../../../../test/fixtures/methods/models.ts';
import {
  activations,
  crossMomentsOf,
  momentsOf,
  seenOf,
} from '../../../../../test/fixtures/methods/statistics.ts';
import { bytesOfModel } from '../../../../../test/fixtures/methods/run.ts';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { parseRecipe } from '../../../recipe/schema.ts';
import { FLOAT_PATH_MOMENTS } from '../../../statistics/cross-moments-with/float-path.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { seenIn, type Seen } from '../../../statistics/seen.ts';
import { readWeight } from '../../weight.ts';
import { gptq } from '../gptq/gptq.ts';
import { meta as gptqMeta } from '../gptq/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta as roundMeta } from '../round-to-nearest/meta.ts';
import { meta } from './meta.ts';
import { qronos } from './qronos.ts';

const [rows, columns] = [24, 96];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);

/** What the float path feeds the layer, and what layers compressed before it make of that: noise, and less of all. */
const float = activations(256, columns, 4);
const noise = seeded(9);
const lossy = float.map((value, i) => 0.95 * value + 0.02 * (1 + (i % 5)) * noise());

const seenWith = (compressed: Float32Array, before: Float32Array): Seen =>
  seenIn(
    new Map<string, unknown>([
      [lookKey(inputOf(layer), 'moments'), momentsOf(compressed, columns)],
      [lookKey(inputOf(layer), FLOAT_PATH_MOMENTS), crossMomentsOf(compressed, before, columns)],
    ]),
  );
const usual = seenWith(lossy, float);

async function run(options: unknown, seen: Seen = usual) {
  const read = await readWeight(model, layer);
  return encode(qronos, model, read, meta.options.parse(options), seen);
}

/** ‖WXᵀ − ŴX̃ᵀ‖² */
function mismatch(approximated: Float32Array): number {
  let error = 0;
  for (let t = 0; t < float.length; t += columns)
    for (let r = 0; r < rows; r++) {
      let difference = 0;
      for (let c = 0; c < columns; c++)
        difference +=
          weight[r * columns + c] * float[t + c] - approximated[r * columns + c] * lossy[t + c];
      error += difference ** 2;
    }
  return error;
}

const decoded = async (options: unknown, seen?: Seen) =>
  decodeWeight((await run(options, seen)).encoded, rows, columns);

describe('Qronos', () => {
  const grids = [4, 3, 2].flatMap((bits) =>
    [32, 'channel'].flatMap((blockSize) =>
      [true, false].map((symmetric) => ({ bits, blockSize, symmetric })),
    ),
  );

  it.each(grids)(
    'comes nearer to the original’s output than GPTQ: $bits $blockSize $symmetric',
    async (options) => {
      const read = await readWeight(model, layer);
      const { encoded } = await encode(gptq, model, read, gptqMeta.options.parse(options), usual);
      const baseline = mismatch(decodeWeight(encoded, rows, columns));
      expect(mismatch(await decoded(options))).toBeLessThan(0.95 * baseline);
    },
  );

  it('is GPTQ where nothing is to be corrected', async () => {
    const read = await readWeight(model, layer);
    const shared = { bits: 3, order: 'blocks' };
    const plain = await encode(gptq, model, read, gptqMeta.options.parse(shared), usual);
    expect((await run({ ...shared, alpha: 0 })).encoded).toEqual(plain.encoded);
    expect((await run({ ...shared, alpha: 1 })).encoded).not.toEqual(plain.encoded);
  });

  it('gives other codes for other calibration, and worse ones for paths that do not belong together', async () => {
    const right = mismatch(await decoded({ bits: 3 }));
    const other = activations(256, columns, 5);
    expect(right).toBeLessThan(mismatch(await decoded({ bits: 3 }, seenWith(other, other))));
    const turned = float.toReversed();
    expect(right).toBeLessThan(0.5 * mismatch(await decoded({ bits: 3 }, seenWith(lossy, turned))));
  });

  it('takes activation order with fixed grids, and its bytes are as planned', async () => {
    const options = meta.options.parse({ bits: 3, order: 'activation', staticGroups: true });
    const plan = formOf(qronos, layer, options, model);
    const { encoded } = await run(options);
    expect(bytesOfModel(writeEncodings(model, [{ layer, encoded }]).model)).toBe(
      bytesOfModel(writeEncodings(model, [{ layer, encoded: plan }]).model),
    );
    expect(() =>
      parseRecipe({ version: 1, steps: [{ method: 'qronos', options: { order: 'activation' } }] }),
    ).toThrow(
      'steps[0].options.order: "activation" is not possible: activation order scatters the columns of a block, which no file format can store; use the order "blocks", or set staticGroups to true or blockSize to "channel".',
    );
  });

  it('rounds a layer to the nearest, and says so, where its second moments are damaged', async () => {
    const seen = seenWith(lossy, float);
    const h = seen.at(inputOf(layer), 'moments');
    if (h) h.values[5 * columns + 5] = Infinity;
    const { encoded, warnings } = await run({ bits: 4 }, seen);
    const read = await readWeight(model, layer);
    const rounded = await encode(roundToNearest, model, read, roundMeta.options.parse({ bits: 4 }));
    expect(encoded).toEqual(rounded.encoded);
    expect(warnings).toEqual([
      'The second moments of what "w" is fed could not be factored with any damping, so its weight was rounded to the nearest values; look for extreme values in the calibration data.',
    ]);
  });

  it('warns of too little calibration, and of more damping than was asked for', async () => {
    const few = seenWith(lossy.slice(0, 40 * columns), float.slice(0, 40 * columns));
    expect((await run({ bits: 4 }, few)).warnings).toEqual([
      'Calibration gave 40 rows for 96 columns, so the second moments cannot have full rank and damping decides the rest; use at least 96 tokens or examples.',
    ]);
    const seen = seenWith(lossy, float);
    const h = seen.at(inputOf(layer), 'moments');
    for (let j = 0; j < columns; j++) if (h) h.values[j * (columns + 1)] *= 0.5;
    expect((await run({ bits: 4 }, seen)).warnings?.[0]).toMatch(
      /^The second moments could not be inverted with damping [\d.]+, so [\d.]+ was used; more calibration data would help\.$/,
    );
  });

  it('says what is missing', async () => {
    const read = await readWeight(model, layer);
    const options = meta.options.parse({});
    const missing =
      'Qronos needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.';
    await expect(encode(qronos, model, read, options)).rejects.toThrow(missing);
    const other = seenOf(
      [layer],
      () => activations(32, 8, 1),
      () => 8,
    );
    await expect(encode(qronos, model, read, options, other)).rejects.toThrow(
      'The statistics for "w" cover 8 columns, but its weight has 96; collect them again for this model.',
    );
  });

  it('is GPTQ, and says so, where rows of the two paths could not be paired', async () => {
    const read = await readWeight(model, layer);
    const moments = momentsOf(lossy, columns);
    const alone = seenIn(new Map([[lookKey(inputOf(layer), 'moments'), moments]]));
    const made = await run({ order: 'columns' }, alone);
    const options = gptqMeta.options.parse({});
    const plain = await encode(gptq, model, read, options, alone);
    const values = [made, plain].map(({ encoded }) => decodeWeight(encoded, rows, columns));
    expect(values[0]).toEqual(values[1]);
    expect(made.warnings).toContain(
      '"w" was fed with other rows than in the model before this step (a router chose anew), so what came before it could not be corrected, and it was rounded as GPTQ does.',
    );
  });

  it('looks at both paths, layer after layer', () => {
    expect(qronos.encoder.look?.(meta.options.parse({}))).toEqual({
      take: ['moments', FLOAT_PATH_MOMENTS],
      sequential: true,
    });
  });
});

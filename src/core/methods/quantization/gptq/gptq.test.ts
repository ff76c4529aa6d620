import { describe, expect, it } from 'vitest';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { seenIn, type Seen } from '../../../statistics/seen.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { outputError } from '../../../metrics/weight-error.ts';
import { oneLayerModel, seeded } from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { parseRecipe } from '../../../recipe/schema.ts';
import { readWeight } from '../../weight.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta as baselineMeta } from '../round-to-nearest/meta.ts';
import { gptq } from './gptq.ts';
import { meta } from './meta.ts';

const [rows, columns] = [24, 96];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);
const fedWith = (rowsSeen: number, seed: number) =>
  seenOf([layer], () => activations(rowsSeen, columns, seed));
const usual = fedWith(256, 4);
const moments = momentsOf(activations(256, columns, 4), columns).values;

async function run(options: unknown, seen: Seen = usual) {
  const read = await readWeight(model, layer);
  return encode(gptq, model, read, meta.options.parse(options), seen);
}

async function errorOf(options: unknown, seen = usual): Promise<number> {
  const { encoded } = await run(options, seen);
  return outputError(weight, decodeWeight(encoded, rows, columns), moments, columns);
}

describe('GPTQ', () => {
  const grids = [4, 3, 2].flatMap((bits) =>
    [32, 'channel'].flatMap((blockSize) =>
      [true, false].map((symmetric) => ({ bits, blockSize, symmetric })),
    ),
  );

  it.each(grids)(
    'beats round to nearest on the output: $bits $blockSize $symmetric',
    async (options) => {
      const read = await readWeight(model, layer);
      const parsed = baselineMeta.options.parse(options);
      const { encoded } = await encode(roundToNearest, model, read, parsed);
      const baseline = decodeWeight(encoded, rows, columns);
      const own = await run(options);
      expect(own.encoded).not.toEqual(encoded);
      expect(await errorOf(options)).toBeLessThan(
        0.8 * outputError(weight, baseline, moments, columns),
      );
    },
  );

  it('gives other codes for other calibration', async () => {
    const other = fedWith(256, 5);
    const [a, b] = [await run({ bits: 3 }), await run({ bits: 3 }, other)];
    expect(a.encoded).not.toEqual(b.encoded);
    expect(await errorOf({ bits: 3 })).toBeLessThan(await errorOf({ bits: 3 }, other));
  });

  it('gets worse when the second moments belong to shuffled columns', async () => {
    const next = seeded(8);
    const order = Array.from({ length: columns }, (_, i) => ({ i, key: next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ i }) => i);
    const shuffled = moments.map((_, at) => {
      const [i, j] = [order[Math.floor(at / columns)], order[at % columns]];
      return moments[i * columns + j];
    });
    const h = { rows: 256, columns, values: shuffled };
    const wrong = seenIn(new Map([[lookKey(inputOf(layer), 'moments'), h]]));
    expect(await errorOf({ bits: 3 })).toBeLessThan(0.7 * (await errorOf({ bits: 3 }, wrong)));
  });

  it('takes activation order with fixed grids, and its bytes are as planned', async () => {
    const options = meta.options.parse({ bits: 3, order: 'activation', staticGroups: true });
    const plan = formOf(gptq, layer, options, model);
    const { encoded } = await run(options);
    expect(bytesOfModel(writeEncodings(model, [{ layer, encoded }]).model)).toBe(
      bytesOfModel(writeEncodings(model, [{ layer, encoded: plan }]).model),
    );
    expect(encoded).not.toEqual((await run({ bits: 3, staticGroups: true })).encoded);
  });

  it('takes the order of blocks, whose grids follow the weights, and gains by it', async () => {
    for (const blockSize of [16, 32]) {
      const options = { bits: 3, blockSize, order: 'blocks' };
      expect(await errorOf(options)).toBeLessThan(
        await errorOf({ bits: 3, blockSize, order: 'columns' }),
      );
    }
  });

  it('refuses activation order where a block would lose its columns', () => {
    const result = meta.options.safeParse({ order: 'activation' });
    expect(result.error?.issues[0]).toMatchObject({
      path: ['order'],
      message:
        'activation order scatters the columns of a block, which no file format can store; use the order "blocks", or set staticGroups to true or blockSize to "channel"',
    });
    expect(meta.options.safeParse({ order: 'activation', blockSize: 'channel' }).success).toBe(
      true,
    );
  });

  it('knows recipes that said activation order in one word', () => {
    const read = (options: object) =>
      parseRecipe({ version: 1, steps: [{ method: 'gptq', options }] }).steps[0].options;
    const fixed = { staticGroups: true };
    expect(read({ ...fixed, actOrder: true })).toEqual(read({ ...fixed, order: 'activation' }));
    expect(read({ actOrder: false })).toEqual(read({ order: 'columns' }));
    expect(() => read({ actOrder: 'yes' })).toThrow(
      'steps[0].options.actOrder: there is no field "actOrder"; did you mean "order"?',
    );
  });

  it('warns of too little calibration', async () => {
    const few = fedWith(40, 4);
    const { warnings } = await run({ bits: 4 }, few);
    expect(warnings?.[0]).toBe(
      'Calibration gave 40 rows for 96 columns, so the second moments cannot have full rank and damping decides the rest; use at least 96 tokens or examples.',
    );
    expect((await run({ bits: 4 })).warnings).toEqual([]);
  });

  it('rounds a layer to the nearest, and says so, where its second moments are damaged', async () => {
    const damaged = fedWith(256, 4);
    const h = damaged.at(inputOf(layer), 'moments');
    if (h) h.values[7] = h.values[columns + 1] = Infinity;
    const { encoded, warnings } = await run({ bits: 4 }, damaged);
    const read = await readWeight(model, layer);
    const options = baselineMeta.options.parse({ bits: 4 });
    expect(encoded).toEqual((await encode(roundToNearest, model, read, options)).encoded);
    expect(warnings).toEqual([
      'The second moments of what "w" is fed could not be factored with any damping, so its weight was rounded to the nearest values; look for extreme values in the calibration data.',
    ]);
  });

  it('says what is missing', async () => {
    const read = await readWeight(model, layer);
    const options = meta.options.parse({});
    await expect(encode(gptq, model, read, options)).rejects.toThrow(
      'GPTQ needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
    const other = seenOf(
      [layer],
      () => activations(32, 8, 1),
      () => 8,
    );
    await expect(encode(gptq, model, read, options, other)).rejects.toThrow(
      'The statistics for "w" cover 8 columns, but its weight has 96; collect them again for this model.',
    );
  });

  it('looks at second moments of what the compressed layers before it produce', () => {
    expect(gptq.encoder.look?.(meta.options.parse({}))).toEqual({
      take: ['moments'],
      sequential: true,
    });
    expect(gptq.encoder.look?.(meta.options.parse({ sequential: false }))?.sequential).toBe(false);
  });
});

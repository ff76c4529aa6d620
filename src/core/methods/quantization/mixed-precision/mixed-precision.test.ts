import { describe, expect, it } from 'vitest';
import { encodedModel, firstStep } from '../../../../../test/support/methods.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { uniformFields } from '../uniform-options.ts';
import { allLevels, levelForm, optionsOf } from './choosable.ts';
import { meta, options as schema, WIDTHS } from './meta.ts';
import { mixedPrecision } from './mixed-precision.ts';

const { model, anatomy } = storiesModel();
const ground = { model, anatomy, original: model };
const [first, second, third] = anatomy.layers.filter(({ block }) => block === 0);

const rounding = { method: 'round-to-nearest', bits: 4, blockSize: 32 };
const plan = (given: Record<string, unknown>, targets = anatomy.layers) =>
  mixedPrecision.plan(ground, targets, schema.parse(given), firstStep);

describe('a closed mixed precision', () => {
  it('writes what the chosen method writes, to the byte', async () => {
    const layers = [first, second];
    const chosen = [{ ...rounding, layers: layers.map(({ name }) => name) }];
    const own = await encodedModel(mixedPrecision, model, layers, schema.parse({ chosen }));
    const { options } = roundToNearest.meta;
    const other = await encodedModel(
      roundToNearest,
      model,
      layers,
      options.parse({ bits: 4, blockSize: 32 }) as never,
    );
    const [a, b] = [own, other].map((made) => made.model.graph.initializers);
    expect(a.map(({ name }) => name)).toEqual(b.map(({ name }) => name));
    for (const [at, tensor] of a.entries()) {
      const [is, was] = [await tensor.data.read(), await b[at].data.read()];
      expect(Buffer.compare(is, was), tensor.name).toBe(0);
    }
  });

  it('gives each layer to its own method; those that look at data come last, in order', async () => {
    const chosen = [
      { method: 'gptq', bits: 3, blockSize: 64, layers: [first.name] },
      { ...rounding, layers: [second.name] },
    ];
    const made = await plan({ chosen });
    const works = made.work.map((work) => {
      if (work.kind !== 'encode') throw new Error('it does more than encode');
      return [work.layers.map(({ layer }) => layer.name), work.look];
    });
    expect(works).toEqual([
      [[second.name], undefined],
      [[first.name], { take: ['moments'], sequential: true }],
    ]);
    expect(made.lines.map(({ layer, encoded }) => [layer.name, encoded])).toMatchObject([
      [first.name, { kind: 'coded', bits: 3, groupSize: 64 }],
      [second.name, { kind: 'coded', bits: 4, groupSize: 32 }],
    ]);
    expect(made.skipped).toContainEqual({
      name: third.name,
      reason: `"${third.name}" got no bits when those of each layer were decided, so it was left as it is; clear "chosen" to decide again.`,
    });
    const parsed = schema.parse({ chosen });
    expect(mixedPrecision.layerOptions?.(first, parsed)).toEqual({ bits: 3, blockSize: 64 });
    expect(mixedPrecision.layerOptions?.(third, parsed)).toEqual({});
  });
});

describe('an open mixed precision', () => {
  it('is forecast with the most it may become, and within its budget', async () => {
    const loss = await plan({});
    expect(loss.undecided).toBeGreaterThan(1000);
    expect(loss.atMost).toBeUndefined();
    const most = Math.max(...WIDTHS);
    for (const { encoded } of loss.lines) expect(encoded).toMatchObject({ bits: most });
    expect((await plan({ aim: 'size', budget: 300_000 })).atMost).toBe(300_000);
  });

  it('needs a budget where it aims at a size', () => {
    expect(() => plan({ aim: 'size' })).toThrow(
      'The file is to fit a size, and nothing says which; set the budget to the most bytes it may take.',
    );
  });

  it('chooses among the bits that all uniform quantizers have, and what the options allow', () => {
    expect(new Set(WIDTHS)).toEqual(uniformFields.bits.unwrap().values);
    const levels = (given: Record<string, unknown>) => allLevels(schema.parse(given));
    expect(levels({})).toHaveLength(2 * WIDTHS.length * 3);
    expect(
      levels({ methods: ['hqq'], minBits: 4, maxBits: 4, blockSizes: [16, 'channel'] }),
    ).toEqual([
      { method: 'hqq', bits: 4, blockSize: 16 },
      { method: 'hqq', bits: 4, blockSize: 'channel' },
    ]);
  });

  it('gives fitted grids to the methods that have them, in smaller blocks', () => {
    const fitted = schema.parse({ grids: 'fitted', minBits: 3, maxBits: 3 });
    const levels = allLevels(fitted);
    expect(levels.map(({ method, blockSize }) => [method, blockSize])).toEqual(
      ['gptq', 'round-to-nearest'].flatMap((id) => [16, 32, 64].map((block) => [id, block])),
    );
    const [second, nearest] = [levels[0], levels[3]].map((level) => optionsOf(level, fitted));
    const tight = { clip: 'output', refine: 4, scales: '6 bits', zeros: 'packed' };
    expect(second).toMatchObject({ ...tight, bits: 3, symmetric: false });
    expect(nearest).toMatchObject({ clip: 'mse', symmetric: false, scales: 'float32' });
    expect(schema.parse({ grids: 'plain' })).toEqual(schema.parse({}));
  });

  it('says which layers a method cannot be given', () => {
    const look = anatomy.layers.find(({ op }) => op === 'Gather') ?? first;
    const level = { method: 'gptq', bits: 4, blockSize: 32 } as const;
    expect(levelForm(look, level, schema.parse({}), model)).toEqual({
      refused: `GPTQ does not work on "${look.name}", so it was left as it is.`,
    });
  });

  it('is named by what it aims at', () => {
    const short = (given: Record<string, unknown>) => meta.short(schema.parse(given));
    expect(short({})).toBe('loss 1 %');
    expect(short({ aim: 'size', budget: 60_000_000 })).toBe('fit 60 MB');
    expect(short({ aim: 'size', budget: 210_500 })).toBe('fit 211 kB');
  });
});

import { describe, expect, it } from 'vitest';
import { recognise } from '../../../anatomy/recognise.ts';
import { decodeWeight, requireKind, writeEncodings, type Coded } from '../../../encodings/index.ts';
import { outputError } from '../../../metrics/weight-error.ts';
import { inputOf } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import {
  expectedOutput,
  oneLayerModel,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { encode, encodedModel } from '../../../../../test/support/methods.ts';
import type { Model } from '../../../onnx/types.ts';
import { readWeight } from '../../weight.ts';
import { quantizeUniform } from '../../../kernels/rtn.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta as baselineMeta } from '../round-to-nearest/meta.ts';
import { anyPrecision } from './any-precision.ts';
import { meta } from './meta.ts';
import { objective } from './nested-code.ts';
import { WIDTHS } from './nested-grid.ts';

const [rows, columns] = [24, 96];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);
const fedWith = (seed: number) => seenOf([layer], () => activations(256, columns, seed));
const usual = fedWith(4);
const moments = momentsOf(activations(256, columns, 4), columns).values;

async function slice(options: object, seen: Seen = usual, values = weight) {
  const { encoded, warnings } = await encode(
    anyPrecision,
    model,
    { layer, values },
    meta.options.parse(options),
    seen,
  );
  const coded = requireKind(encoded, 'coded');
  return { coded, warnings, values: decodeWeight(coded, rows, columns) };
}

function scalesOf({ scales }: Coded): Float32Array {
  if (!scales || !('dataType' in scales) || !scales.values) throw new Error('no scales');
  return scales.values;
}

const errorOf = (decoded: Float32Array) => outputError(weight, decoded, moments, columns);

const GRIDS = ['sweep', 'nearest'].flatMap((rounding) =>
  [32, 'channel'].flatMap((blockSize) =>
    ['none', 'mse'].map((clip) => ({ rounding, blockSize, clip })),
  ),
);

describe('any precision', () => {
  it.each(GRIDS)('codes of each width are the top bits: $rounding $blockSize $clip', async (o) => {
    for (const parent of o.blockSize === 32 ? [8, 6] : [8]) {
      const whole = (await slice({ ...o, parent, bits: parent })).coded;
      for (const bits of WIDTHS.filter((width) => width <= parent)) {
        const { coded } = await slice({ ...o, parent, bits });
        expect(coded.codes).toEqual(whole.codes?.map((code) => code >> (parent - bits)));
        expect(scalesOf(coded)).toEqual(scalesOf(whole));
      }
    }
  });

  it.each(WIDTHS)(
    'with nearest rounding a weight is half a step off at most: %s bits',
    async (b) => {
      const { coded, values } = await slice({ bits: b, rounding: 'nearest' });
      const scales = scalesOf(coded);
      values.forEach((value, i) => {
        const scale = scales[Math.floor(i / 32)];
        expect(Math.abs(value - weight[i])).toBeLessThanOrEqual(scale * (2 ** -b + 2 ** -22));
      });
    },
  );

  it.each(WIDTHS)('is no worse than 8-bit round to nearest cut to %s bits', async (bits) => {
    const symmetric = { bits: 8, range: 'signed-max', groupSize: 32, clip: 'none' } as const;
    const { codes, scales } = quantizeUniform(weight, rows, columns, symmetric);
    const step = 2 ** (8 - bits);
    const cut = Float32Array.from(codes, (code, i) => {
      const middle = Math.floor(code / step) * step + (step - 1) / 2;
      return scales[Math.floor(i / 32)] * (middle - 128);
    });
    // The parent itself is only as good as alone where it counts most.
    const balance = bits === 8 ? 1 : undefined;
    const error = errorOf((await slice({ bits, balance })).values);
    expect(error).toBeLessThan(errorOf(cut));
    const { encoded } = await encode(
      roundToNearest,
      model,
      { layer, values: weight },
      baselineMeta.options.parse({ bits }),
    );
    expect(error).toBeLessThan(errorOf(decodeWeight(encoded, rows, columns)));
  });

  it('follows calibration', async () => {
    const [own, other] = [await slice({ bits: 3 }), await slice({ bits: 3 }, fedWith(5))];
    expect(own.coded.codes).not.toEqual(other.coded.codes);
    expect(errorOf(own.values)).toBeLessThan(errorOf(other.values));
  });

  it('lowers the error over all widths by refinement', async () => {
    const sum = async (refine: number) => {
      const { weights, widths } = objective(8, 0.75);
      const errors = widths.map(async (bits, k) => {
        return weights[k] * errorOf((await slice({ bits, refine })).values);
      });
      return (await Promise.all(errors)).reduce((a, b) => a + b);
    };
    expect(await sum(1)).toBeLessThan(0.98 * (await sum(0)));
    expect(await sum(6)).toBeLessThan(await sum(1));
  });

  it('gives narrow models more where wide ones count less', async () => {
    const at = async (balance: number, bits: number) =>
      errorOf((await slice({ balance, bits })).values);
    expect(await at(0, 2)).toBeLessThan(await at(1, 2));
    expect(await at(1, 8)).toBeLessThan(await at(0, 8));
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s at every width',
    async (op) => {
      const test = oneLayerModel(op, 11, 45);
      for (const bits of WIDTHS) {
        const options = meta.options.parse({ bits, rounding: 'nearest' });
        const read = { layer: test.layer, values: test.weight };
        const { encoded } = await encode(anyPrecision, test.model, read, options);
        const decoded = decodeWeight(encoded, 11, 45);
        const file = writeEncodings(test.model, [{ layer: test.layer, encoded }]).model;
        const { y } = await runModel(file, { x: test.input });
        const expected = expectedOutput(op, decoded, 11, 45, test.input);
        y.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(45 * 2 ** -22));
      }
    },
  );

  it('refuses more bits than the parent has', () => {
    const result = meta.options.safeParse({ bits: 8, parent: 6 });
    expect(result.error?.issues[0]).toMatchObject({
      path: ['bits'],
      message:
        'the parent’s codes have fewer bits than are asked of them; set bits to those of the parent or fewer, or choose a wider parent',
    });
  });

  it('says what is missing or broken', async () => {
    await expect(
      slice(
        {},
        seenOf([], () => new Float32Array()),
      ),
    ).rejects.toThrow(
      'Any precision needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
    const bad = weight.slice();
    bad[40] = NaN;
    await expect(slice({}, usual, bad)).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
    expect(meta.needsWith(meta.options.parse({}))).toEqual(['calibration']);
    expect(meta.needsWith(meta.options.parse({ rounding: 'nearest' }))).toEqual([]);
  });

  it('rounds a layer to the nearest, and says so, where its second moments are damaged', async () => {
    const damaged = fedWith(4);
    const h = damaged.at(inputOf(layer), 'moments');
    if (h) h.values[7] = h.values[columns + 1] = Infinity;
    const { coded, warnings } = await slice({ bits: 4 }, damaged);
    expect(coded.codes).toEqual((await slice({ bits: 4, rounding: 'nearest' })).coded.codes);
    expect(warnings).toEqual([
      'The second moments of what "w" is fed could not be factored with any damping, so its weight was rounded to the nearest values; look for extreme values in the calibration data.',
    ]);
  });
});

/** The bytes of everything but the constants of unpacking. */
function weightsOf({ graph }: Model): (Uint8Array | undefined)[] {
  const stored = graph.initializers.filter(({ name }) => !name.startsWith('lathe_'));
  return stored.map(({ data }) => data.readSync?.());
}

describe('a file that holds a parent', () => {
  it.each(['MatMul', 'Gemm', 'Conv'] as const)('of a %s is cut without data', async (op) => {
    const test = oneLayerModel(op, 16, 72);
    const seen = seenOf([test.layer], () => activations(128, 72, 4));
    const read = await readWeight(test.model, test.layer);
    const written = async (bits: number) => {
      const options = meta.options.parse({ bits, balance: 0.25 });
      const { encoded } = await encode(anyPrecision, test.model, read, options, seen);
      return writeEncodings(test.model, [{ layer: test.layer, encoded }]).model;
    };
    const parent = await written(8);
    const [layerOfFile] = recognise(parent).layers;
    for (const bits of [6, 4, 2]) {
      const options = meta.options.parse({ bits, rounding: 'nearest' });
      const { model: cut } = await encodedModel(anyPrecision, parent, [layerOfFile], options);
      expect(weightsOf(cut)).toEqual(weightsOf(await written(bits)));
    }
  });
});

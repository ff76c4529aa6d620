import { describe, expect, it } from 'vitest';
import { oneLayerModel, type TestOp } from '../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../test/fixtures/methods/statistics.ts';
import { compressed, encode, formOf } from '../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../encodings/index.ts';
import { outputError } from '../../metrics/weight-error.ts';
import { methodById } from '../registry.ts';
import type { EncoderMethod } from '../encoder-method.ts';
import { readWeight } from '../weight.ts';

type Options = Readonly<Record<string, unknown>>;

const [rows, columns] = [24, 96];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);
const x = activations(256, columns, 4);
const seen = seenOf([layer], () => x);
const moments = momentsOf(x, columns).values;

function methodOf(id: string): EncoderMethod<Options> {
  const { encoder, ...method } = methodById(id);
  if (encoder === undefined) throw new Error(`${id} does not work layer by layer.`);
  return { ...method, encoder } as EncoderMethod<Options>;
}

async function values(id: string, options: Options, from = seen): Promise<Float32Array> {
  const method = methodOf(id);
  return compressed(method, model, layer, method.meta.options.parse(options), from);
}

async function error(id: string, options: Options, from = seen): Promise<number> {
  return outputError(weight, await values(id, options, from), moments, columns);
}

const share = (of: Float32Array) => of.filter((value) => value === 0).length / of.length;

/** Groups of m neighbours along the input of a layer that keep more than n. */
function violations(of: Float32Array, n: number, m: number): number {
  let count = 0;
  for (let start = 0; start < of.length; start += m)
    if (of.subarray(start, start + m).filter((v) => v !== 0).length > n) count++;
  return count;
}

describe.each(['sparsegpt', 'alps', 'dsnot'])('%s', (id) => {
  it.each([0.3, 0.5, 0.9])('removes the share asked for: %s', async (sparsity) => {
    // Each output of DSnoT loses a whole number of weights.
    expect(Math.abs(share(await values(id, { sparsity })) - sparsity)).toBeLessThan(1 / columns);
  });

  it('reacts to its calibration data', async () => {
    const other = seenOf([layer], () => activations(256, columns, 5));
    expect(await values(id, {})).not.toEqual(await values(id, {}, other));
    // Swaps are judged by columns taken as independent, which these are not.
    if (id !== 'dsnot') expect(await error(id, {})).toBeLessThan(await error(id, {}, other));
  });

  it('says what is missing', async () => {
    const method = methodOf(id);
    const read = await readWeight(model, layer);
    const { title, options } = method.meta;
    await expect(encode(method, model, read, options.parse({}))).rejects.toThrow(
      `${title} needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.`,
    );
  });

  it('refuses a pattern that does not divide the row', () => {
    const odd = oneLayerModel('MatMul', 4, 30);
    const method = methodOf(id);
    const options = method.meta.options.parse({ pattern: '2:4' });
    expect(method.encoder.form(odd.layer, options, odd.model)).toEqual({
      refused:
        '"w" has rows of 30 weights, which groups of 4 do not divide, so the pattern 2:4 cannot be applied; leave it out or choose another pattern.',
    });
  });
});

describe('every group of every output, in both layouts of a weight', () => {
  const methods = ['magnitude', 'wanda', 'sparsegpt', 'alps', 'dsnot'];
  const ops: TestOp[] = ['MatMul', 'Gemm-transB', 'Conv'];
  const patterns = [
    ['2:4', 2, 4],
    ['4:8', 4, 8],
    ['1:3', 1, 3],
  ] as const;
  const cases = methods.flatMap((id) => ops.map((op) => ({ id, op })));

  it.each(cases)('$id on $op: no group keeps more than its pattern allows', async ({ id, op }) => {
    const one = oneLayerModel(op, 12, 72);
    const fed = seenOf([one.layer], () => activations(160, 72, 6));
    const method = methodOf(id);
    for (const [pattern, n, m] of patterns) {
      const read = await readWeight(one.model, one.layer);
      const options = method.meta.options.parse({ pattern });
      const { encoded } = await encode(method, one.model, read, options, fed);
      const { model: written } = writeEncodings(one.model, [{ layer: one.layer, encoded }]);
      // Read back from the file's own layout.
      const { values: stored } = await readWeight(written, one.layer);
      expect(violations(stored, n, m)).toBe(0);
      expect(share(stored)).toBeCloseTo(1 - n / m, 10);
    }
  });
});

describe('errors of the output', () => {
  it.each([{ sparsity: 0.5 }, { sparsity: 0.7 }, { pattern: '2:4' }])(
    'fall from magnitude to Wanda to SparseGPT to ALPS: %o',
    async (options) => {
      const errors: number[] = [];
      for (const id of ['alps', 'sparsegpt', 'wanda', 'magnitude'])
        errors.push(await error(id, options));
      expect(errors).toEqual(errors.toSorted((a, b) => a - b));
      expect(errors[0]).toBeLessThan(0.9 * errors[1]);
    },
  );
});

describe('SparseGPT with bits', () => {
  const options = { bits: 4, blockSize: 32 };

  it('is stored as codes, zeros exactly zero', async () => {
    const method = methodOf('sparsegpt');
    const form = formOf(method, layer, method.meta.options.parse(options), model);
    expect(form).toMatchObject({ kind: 'coded', bits: 4, groupSize: 32 });
    const all = await values('sparsegpt', options);
    expect(share(all)).toBeGreaterThanOrEqual(0.5);
    expect(violations(await values('sparsegpt', { ...options, pattern: '2:4' }), 2, 4)).toBe(0);
  });

  it('loses less than pruning first and rounding afterwards', async () => {
    const pruned = await values('sparsegpt', {});
    const round = methodOf('round-to-nearest');
    const rounding = round.meta.options.parse({ bits: 4, blockSize: 32 });
    const form = formOf(round, layer, rounding, model);
    const context = { random: { next: () => 0 } };
    const { encoded } = await round.encoder.encode(
      { layer, values: pruned },
      form,
      seen,
      rounding,
      context,
    );
    const after = outputError(weight, decodeWeight(encoded, rows, columns), moments, columns);
    expect(await error('sparsegpt', options)).toBeLessThan(after);
  });

  it('refuses sparse storage of codes', () => {
    const result = methodOf('sparsegpt').meta.options.safeParse({ bits: 4, store: 'packed' });
    expect(result.error?.issues[0]).toMatchObject({
      path: ['store'],
      message:
        'codes are stored for every weight, also where it is zero; set store to "dense" or bits to "none"',
    });
  });
});

describe('zeros stored as such', () => {
  const methods = ['magnitude', 'wanda', 'sparsegpt', 'alps', 'dsnot'];

  it.each(methods)('%s: the graph computes what the dense one does', async (id) => {
    const one = oneLayerModel('MatMul', 30, 60);
    const fed = seenOf([one.layer], () => activations(160, 60, 6));
    const method = methodOf(id);
    for (const given of [{ sparsity: 0.5 }, { pattern: '2:4' }, { sparsity: 0 }, { sparsity: 1 }]) {
      const outputs: unknown[] = [];
      for (const store of ['dense', 'packed']) {
        const read = await readWeight(one.model, one.layer);
        const options = method.meta.options.parse({ ...given, store });
        const { encoded } = await encode(method, one.model, read, options, fed);
        const { model: written } = writeEncodings(one.model, [{ layer: one.layer, encoded }]);
        outputs.push((await runModel(written, { x: one.input }))['y']);
      }
      expect(outputs[1]).toEqual(outputs[0]);
    }
  });

  it('takes as many bytes as planned where equal magnitudes and zeros meet the limit', async () => {
    const flat = Float32Array.from(weight, (_, i) => (i % 3 === 0 ? 0 : i % 2 === 0 ? 0.5 : -0.5));
    for (const id of methods) {
      const method = methodOf(id);
      const options = method.meta.options.parse({ sparsity: 0.6, store: 'packed' });
      const form = formOf(method, layer, options, model);
      const { encoded } = await encode(method, model, { layer, values: flat }, options, seen);
      if (form.kind !== 'masked' || encoded.kind !== 'masked')
        throw new Error('Not stored sparse.');
      expect(encoded.keep).toBe(form.keep);
      expect(encoded.mask?.reduce((sum, bit) => sum + bit, 0)).toBe(form.keep);
    }
  });

  it('"smaller" stores sparse only where that is smaller', () => {
    const method = methodOf('magnitude');
    const large = oneLayerModel('MatMul', 200, 256);
    const kinds = [0.03, 0.08, 0.5].map((sparsity) => {
      const options = method.meta.options.parse({ sparsity, store: 'smaller' });
      return formOf(method, large.layer, options, large.model).kind;
    });
    expect(kinds).toEqual(['plain', 'masked', 'masked']);
  });
});

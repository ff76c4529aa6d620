import { describe, expect, it } from 'vitest';
import { encode } from '../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../encodings/index.ts';
import { outputError, weightError } from '../../metrics/weight-error.ts';
import { oneLayerModel, randomFloats } from '../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../test/fixtures/methods/run.ts';
import type { LayerWeight } from '../contract.ts';
import {
  activations,
  context,
  momentsOf,
  seenOf,
} from '../../../../test/fixtures/methods/statistics.ts';
import { readWeight } from '../weight.ts';
import { magnitude } from './magnitude/magnitude.ts';
import { meta as magnitudeMeta } from './magnitude/meta.ts';
import { meta as wandaMeta } from './wanda/meta.ts';
import { wanda } from './wanda/wanda.ts';

const [rows, columns] = [24, 96];
const { model, layer, weight, input } = oneLayerModel('MatMul', rows, columns);
const x = activations(256, columns, 4);
const seen = seenOf([layer], () => x);

async function pruned(method: 'magnitude' | 'wanda', options: unknown): Promise<Float32Array> {
  const read = await readWeight(model, layer);
  const { encoded } =
    method === 'wanda'
      ? await encode(wanda, model, read, wandaMeta.options.parse(options), seen)
      : await encode(magnitude, model, read, magnitudeMeta.options.parse(options));
  return decodeWeight(encoded, rows, columns);
}

function zeroShare(values: Float32Array): number {
  return values.filter((value) => value === 0).length / values.length;
}

/** Groups of m neighbours along the input that keep more than n. */
function violations(values: Float32Array, n: number, m: number): number {
  let count = 0;
  for (let start = 0; start < values.length; start += m) {
    if (values.subarray(start, start + m).filter((v) => v !== 0).length > n) count++;
  }
  return count;
}

describe.each(['magnitude', 'wanda'] as const)('%s', (method) => {
  it.each([0, 0.25, 0.5, 0.9])('removes the share asked for: %s', async (sparsity) => {
    const values = await pruned(method, { sparsity });
    // One weight of the tensor (or of each row) may fall to either side of the limit.
    const zeros = Math.round(zeroShare(values) * values.length);
    const slack = method === 'wanda' ? rows : 1;
    expect(Math.abs(zeros - sparsity * values.length)).toBeLessThanOrEqual(slack);
    values.forEach((value, i) => expect(value === 0 || value === weight[i]).toBe(true));
  });

  it.each([
    ['2:4', 2, 4],
    ['4:8', 4, 8],
    ['1:3', 1, 3],
  ] as const)('keeps to %s', async (pattern, n, m) => {
    const values = await pruned(method, { pattern });
    expect(violations(values, n, m)).toBe(0);
    expect(zeroShare(values)).toBeCloseTo(1 - n / m, 10);
  });

  it('keeps the file size: zeros are not bytes', async () => {
    const read = await readWeight(model, layer);
    const { encoded } =
      method === 'wanda'
        ? await encode(wanda, model, read, wandaMeta.options.parse({}), seen)
        : await encode(magnitude, model, read, magnitudeMeta.options.parse({}));
    const out = writeEncodings(model, [{ layer, encoded }]).model;
    expect(bytesOfModel(out)).toBe(bytesOfModel(model));
    const { y } = await runModel(out, { x: input });
    expect(y).not.toEqual((await runModel(model, { x: input }))['y']);
  });
});

describe('Wanda beside magnitude', () => {
  it('prunes other weights, with less error on the output and more on the weight', async () => {
    const h = momentsOf(x, columns).values;
    const [a, b] = [await pruned('wanda', {}), await pruned('magnitude', {})];
    expect(a).not.toEqual(b);
    expect(outputError(weight, a, h, columns)).toBeLessThan(outputError(weight, b, h, columns));
    expect(weightError(weight, a)).toBeGreaterThan(weightError(weight, b));
  });

  it('ranks within each output row', async () => {
    const values = await pruned('wanda', { sparsity: 0.5 });
    for (let r = 0; r < rows; r++) {
      expect(zeroShare(values.subarray(r * columns, (r + 1) * columns))).toBe(0.5);
    }
  });

  it('needs calibration', async () => {
    const read = await readWeight(model, layer);
    const options = wandaMeta.options.parse({});
    await expect(encode(wanda, model, read, options)).rejects.toThrow(
      'Wanda needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
  });
});

describe('the global scope', () => {
  it('removes the share over all layers together, most from the small weights', async () => {
    const loud: LayerWeight = { layer, values: randomFloats(rows * columns, 3) };
    const quiet: LayerWeight = { layer, values: loud.values.map((v) => v * 0.2) };
    const options = magnitudeMeta.options.parse({ sparsity: 0.5, scope: 'global' });
    async function* weights(): AsyncGenerator<LayerWeight> {
      yield await Promise.resolve(loud);
      yield quiet;
    }
    const prepared = (await magnitude.encoder.prepare?.(weights, options, context)) ?? options;
    const shares: number[] = [];
    for (const one of [loud, quiet]) {
      const { encoded } = await encode(magnitude, model, one, prepared);
      shares.push(zeroShare(decodeWeight(encoded, rows, columns)));
    }
    expect((shares[0] + shares[1]) / 2).toBeCloseTo(0.5, 3);
    expect(shares[1]).toBeGreaterThan(shares[0] + 0.3);
  });

  it('changes nothing for patterns and for the tensor scope', async () => {
    const never = (): never => {
      throw new Error('weights were read');
    };
    for (const given of [{ scope: 'tensor' }, { scope: 'global', pattern: '2:4' }]) {
      const options = magnitudeMeta.options.parse(given);
      expect(await magnitude.encoder.prepare?.(never, options, context)).toBe(options);
    }
  });
});

describe('patterns', () => {
  it('refuses one that does not divide the row', () => {
    const odd = oneLayerModel('MatMul', 4, 30);
    const options = magnitudeMeta.options.parse({ pattern: '2:4' });
    expect(magnitude.encoder.form(odd.layer, options, odd.model)).toEqual({
      refused:
        '"w" has rows of 30 weights, which groups of 4 do not divide, so the pattern 2:4 cannot be applied; leave it out or choose another pattern.',
    });
  });

  it.each(['4:2', '0:4', '2-4', '2:400', 'two'])('refuses %s', (pattern) => {
    expect(magnitudeMeta.options.safeParse({ pattern }).success).toBe(false);
  });
});

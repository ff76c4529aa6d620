import { describe, expect, it } from 'vitest';
import { activationCases } from '../../../../../test/golden/activations.ts';
import {
  columns,
  relativeOutputError,
  rows,
  tokens,
  vector,
} from '../../../../../test/golden/load.ts';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { plantedOutliers } from '../../../../../test/fixtures/models/planted-outliers.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { encodedModel, firstStep } from '../../../../../test/support/methods.ts';
import { relativeDistance, stepMade } from '../../../../../test/support/step-made.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import { dynamicInt8 } from '../dynamic-int8/dynamic-int8.ts';
import { meta as dynamicMeta } from '../dynamic-int8/meta.ts';
import { meta } from './meta.ts';
import { expectedError, searchedScales, smoothedRange, smoothingScales } from './smoothing.ts';
import { smoothQuant } from './smoothquant.ts';

const W = vector('W');
const X = vector('X');

/** Largest magnitude of each column. */
function maximaOf(values: Float32Array): Float32Array {
  const most = new Float32Array(columns);
  values.forEach((v, i) => (most[i % columns] = Math.max(most[i % columns], Math.abs(v))));
  return most;
}

/** Ties go to the even number, as in the reference. */
function even(value: number): number {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** Rounded to 127 steps of the largest magnitude of each group. */
function fakeQuant(values: Float32Array, size: number): Float32Array {
  return values.map((value, i) => {
    const start = Math.floor(i / size) * size;
    const most = maximum(values, start, size);
    return even(value / (most / 127)) * (most / 127);
  });
}

const known = new WeakMap<Float32Array, Map<number, number>>();

function maximum(values: Float32Array, start: number, size: number): number {
  const cache = known.get(values) ?? new Map<number, number>();
  known.set(values, cache);
  const most =
    cache.get(start) ??
    values.subarray(start, start + size).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  cache.set(start, most);
  return most;
}

/** ‖WXᵀ − ŴX̂ᵀ‖² / ‖WXᵀ‖² */
function productError(w: Float32Array, x: Float32Array): number {
  let [error, total] = [0, 0];
  for (let t = 0; t < tokens; t++) {
    for (let r = 0; r < rows; r++) {
      let [y, made] = [0, 0];
      for (let c = 0; c < columns; c++) {
        y += W[r * columns + c] * X[t * columns + c];
        made += w[r * columns + c] * x[t * columns + c];
      }
      error += (y - made) ** 2;
      total += y ** 2;
    }
  }
  return error / total;
}

describe.each(activationCases.smoothquant)('$name', ({ name, alpha, ...wanted }) => {
  const s = smoothingScales({ w: W, columns, maxima: maximaOf(X) }, alpha);

  it('has the scales of the reference', () => {
    const expected = vector(`${name}_scales`);
    s.forEach((value, j) => expect(Math.abs(value / expected[j] - 1)).toBeLessThan(1e-5));
  });

  it('has its Ŵ and its errors on its grid', () => {
    const w = fakeQuant(
      W.map((value, i) => value * s[i % columns]),
      columns,
    );
    const x = X.map((value, i) => value / s[i % columns]);
    const unscaled = w.map((value, i) => value / s[i % columns]);
    const expected = vector(name);
    const near = unscaled.filter((value, i) => Math.abs(value - expected[i]) <= 1e-5).length;
    expect(near / W.length).toBeGreaterThanOrEqual(0.999);
    expect(Math.abs(relativeOutputError(W, unscaled) / wanted.rel_out_err - 1)).toBeLessThan(0.01);
    const whole = productError(w, fakeQuant(x, x.length));
    expect(Math.abs(whole / wanted.per_tensor - 1)).toBeLessThan(0.01);
    expect(whole).toBeLessThan(wanted.plain_per_tensor / 3);
  });
});

describe('scales', () => {
  const w = Float32Array.from(
    { length: 6 * 8 },
    (_, i) => Math.sin(1.7 * i) * (i % 8 === 5 ? 0 : 1),
  );
  const maxima = Float32Array.from([1, 80, 2, 0, 1, 3, 1, 0.5]);
  const ends = { minimum: -0.5, maximum: 80 };
  const squares = maxima.map((value) => value ** 2 / 9);
  const fed = { w, columns: 8, maxima, ends, squares };

  it('are positive and finite for dead inputs, dead weights and nothing at all', () => {
    for (const own of [maxima, new Float32Array(8)]) {
      for (const alpha of [0, 0.5, 1]) {
        const s = smoothingScales({ w, columns: 8, maxima: own }, alpha);
        expect(s.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
      }
    }
  });

  it('search for α never expects more error than a given one', () => {
    const { s, alpha } = searchedScales(fed);
    const least = expectedError(fed, s);
    for (const other of [0, 0.25, 0.5, 0.85, 1])
      expect(least).toBeLessThanOrEqual(expectedError(fed, smoothingScales(fed, other)));
    expect(expectedError(fed, smoothingScales(fed, alpha))).toBe(least);
    expect(least).toBeLessThan(expectedError(fed, new Float64Array(8).fill(1)));
  });

  it('bound what flows by what was seen on either side of zero', () => {
    const s = Float64Array.from([1, 40, 1, 1, 1, 1, 1, 1]);
    expect(smoothedRange(maxima, ends, s)).toEqual([-0.5, 3]);
    expect(smoothedRange(maxima, { minimum: 0, maximum: 80 }, undefined)).toEqual([0, 80]);
  });
});

const only = meta.options.parse({ activations: 'none', scaling: 'fixed', alpha: 0.6 });

describe.each(layoutFixtures.map((fixture) => [fixture.name, fixture] as const))(
  'scales alone in %s',
  (_, fixture) => {
    it('leave the function, and the plan says where they went', async () => {
      const model = fixture.model();
      const feeds = feedsOf(model, fixture.feeds);
      const { model: made, plan } = await stepMade(smoothQuant, only, model, feeds);
      expect(await relativeDistance(model, made, feeds)).toBeLessThan(1e-5);
      expect(plan.warnings?.[0]).toMatch(/^(Scales are folded into|.* gets? a multiplication)/);
      expect(plan.lines.length).toBeGreaterThan(0);
      expect(plan.anatomy?.blocks.length).toBe(recognise(model).blocks.length);
    });
  },
);

const isProduct = ({ op }: Layer): boolean => op !== 'Conv';
const PLANTED = ['gpt2 plain, opset 13', 'llama pairs, opset 23', 'vit fused'];

describe.each(PLANTED)('planted outliers in %s', (name) => {
  const fixture = layoutFixtures.find((one) => one.name === name) ?? expect.fail(name);

  it('cost int8 a third of what they cost it unsmoothed, or less', async () => {
    const before = fixture.model();
    const model = await plantedOutliers(before);
    const feeds = feedsOf(model, fixture.feeds);
    expect(await relativeDistance(before, model, feeds)).toBeLessThan(1e-5);
    const errors: number[] = [];
    for (const given of [{}, { activations: 'static' }, { scaling: 'fixed' }]) {
      const options = meta.options.parse(given);
      const { model: smooth } = await stepMade(smoothQuant, options, model, feeds, isProduct);
      errors.push(await relativeDistance(model, smooth, feeds));
    }
    const usual = dynamicMeta.options.parse({});
    const plain = await stepMade(dynamicInt8, usual, model, feeds, isProduct);
    const rough = await relativeDistance(model, plain.model, feeds);
    for (const error of errors) expect(error ** 2).toBeLessThan(rough ** 2 / 3);
  });

  it('and α decides how much', async () => {
    const model = await plantedOutliers(fixture.model());
    const feeds = feedsOf(model, fixture.feeds);
    const [none, half] = await Promise.all(
      [0, 0.5].map(async (alpha) => {
        const made = await stepMade(
          smoothQuant,
          meta.options.parse({ scaling: 'fixed', alpha }),
          model,
          feeds,
          isProduct,
        );
        return relativeDistance(model, made.model, feeds);
      }),
    );
    expect(half).not.toBe(none);
  });
});

it('refuses what it cannot scale, each with its reason', async () => {
  const { model, layer } = oneLayerModel('Conv', 4, 27);
  const { plan } = await encodedModel(smoothQuant, model, [layer], only);
  expect(plan.skipped[0].reason).toBe(
    'SmoothQuant scales the inputs of products, and "w" is a Conv whose channels cannot be multiplied one by one, so it was left as it is.',
  );
  const old = oneLayerModel('MatMul', 4, 8, { opset: 10 });
  const ground = { model: old.model, anatomy: recognise(old.model), original: old.model };
  const options = meta.options.parse({});
  const { skipped } = await smoothQuant.plan(ground, [old.layer], options, firstStep);
  expect(skipped[0].reason).toBe(
    '"w" is in a model of operator set 10, and rounding its input takes DynamicQuantizeLinear of set 11: export the model again with a newer operator set.',
  );
});

it('without calibration there is nothing to choose scales by', async () => {
  const { model, layer } = oneLayerModel('MatMul', 4, 8);
  const anatomy = { ...recognise(model), layers: [layer] };
  const ground = { model, anatomy, original: model };
  const { work } = await smoothQuant.plan(ground, [layer], only, firstStep);
  if (work[0]?.kind !== 'fill') throw new Error('Nothing is filled.');
  await expect(work[0].fill(ground, nothingSeen, context)).rejects.toThrow(
    'SmoothQuant needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
  );
});

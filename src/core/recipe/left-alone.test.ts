import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { mixtureFixtures } from '../../../test/fixtures/layouts/llama.ts';
import { Sketch } from '../../../test/fixtures/layouts/sketch.ts';
import { canBeWeight } from '../anatomy/aside.ts';
import { recognise } from '../anatomy/recognise.ts';
import { constantTensors } from '../onnx/weights.ts';
import type { Model } from '../onnx/types.ts';
import { planRecipe } from './plan.ts';
import { parseRecipe } from './schema.ts';

const EIGHT_BITS = { method: 'round-to-nearest', options: { bits: 8 } };
const RECIPES: readonly (readonly [string, unknown])[] = [
  ['everything', EIGHT_BITS],
  ['attention alone', { ...EIGHT_BITS, target: 'attention' }],
  ['half precision', { method: 'float16' }],
  ['pruning of the feed-forward parts', { method: 'magnitude', target: 'feed-forward' }],
];

const planned = (model: Model, step: unknown) =>
  planRecipe(model, recognise(model), parseRecipe({ version: 1, steps: [step] }));

/** Bytes of vectors, scalars and small matrices, which are never listed. */
function smallBytes(model: Model): number {
  const layers = new Set(recognise(model).layers.map(({ weight }) => weight));
  return constantTensors(model.graph)
    .filter(({ name, tensor }) => !layers.has(name) && !canBeWeight(tensor))
    .reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
}

describe('what is left alone', () => {
  it.each(
    [...layoutFixtures.filter((_, i) => i % 4 === 0), ...mixtureFixtures].flatMap((fixture) =>
      RECIPES.map(([what, step]) => [what, fixture.name, fixture, step] as const),
    ),
  )('accounts for all bytes after %s of %s', async (_what, _name, fixture, step) => {
    const model = fixture.model();
    const { coverage } = await planned(model, step);
    const left = coverage.skipped.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    expect(coverage.compressedBytes + left + smallBytes(model)).toBe(coverage.totalBytes);
  });

  it('has a reason for every weight that is in no layer', async () => {
    const { coverage } = await planned(odd(), EIGHT_BITS);
    expect(Object.fromEntries(coverage.skipped.map(({ name, reason }) => [name, reason]))).toEqual({
      recurrent:
        '"recurrent" lies inside LSTM, which is more than one linear map, so it was left as it is.',
      again:
        '"again" lies inside LSTM, which is more than one linear map, so it was left as it is.',
      added: '"added" is used by Add, which is no linear map, so it was left as it is.',
      batched:
        '"batched" has the shape [2, 16, 16] where a matrix was expected, so it was left as it is.',
      left: '"left" is multiplied from the left, so it was left as it is.',
    });
  });

  it('gives such a reason where a recipe finds nothing at all', async () => {
    const s = new Sketch(17);
    const x = s.g.input('x', 'float32', ['n', 16]);
    s.g.output(s.op('MatMul', [s.weight('left', [16, 16]), x]), 'float32', [16, 16], 'y');
    expect((await planned(s.finish(), EIGHT_BITS)).problems).toEqual([
      {
        path: 'steps',
        message:
          'The recipe changes nothing in this model, because no step found a layer it can work on. For example: "left" is multiplied from the left, so it was left as it is.',
      },
    ]);
  });
});

/** One layer, and weights in every other place. */
function odd(): Model {
  const s = new Sketch(17);
  const x = s.g.input('x', 'float32', [2, 16, 16]);
  let y = s.op('MatMul', [x, s.weight('layer', [16, 16])]);
  const codes = s.g.initializer('codes', [16, 16], new Int8Array(256));
  y = s.op('MatMul', [y, s.op('DequantizeLinear', [codes, s.c.float(0.5)])]);
  const gates = [s.weight('recurrent', [1, 64, 16]), s.weight('again', [1, 64, 16])];
  const [turned] = s.g.ops('LSTM', [y, ...gates], 1, { hidden_size: 16 });
  y = s.op('Add', [s.squeeze(turned, 1), s.weight('added', [16, 16])]);
  y = s.op('MatMul', [y, s.weight('batched', [2, 16, 16])]);
  y = s.op('MatMul', [s.weight('left', [16, 16]), y]);
  s.g.output(y, 'float32', [2, 16, 16], 'y');
  return s.finish();
}

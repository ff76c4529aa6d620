import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import { runFirstOutput } from '../../../../test/fixtures/layouts/run.ts';
import { activations, context, seenOf } from '../../../../test/fixtures/methods/statistics.ts';
import { firstStep } from '../../../../test/support/methods.ts';
import { recognise } from '../../anatomy/recognise.ts';
import { fillingsOf } from '../../encodings/index.ts';
import { findFolds, scaledWeight } from '../../folds/index.ts';
import { fillHoles, requireFilled } from '../../onnx/fill.ts';
import type { Model } from '../../onnx/types.ts';
import type { EncoderMethod } from '../encoder-method.ts';
import { readWeight } from '../weight.ts';
import { awq } from './awq/awq.ts';
import { meta as awqMeta } from './awq/meta.ts';
import { foldSentence } from './fold-sentence.ts';
import { meta as oscarMeta } from './oscar/meta.ts';
import { oscar } from './oscar/oscar.ts';

function fixture(part: string) {
  const found = layoutFixtures.find(({ name }) => name.startsWith(part));
  if (found === undefined) throw new Error(`No layout fixture is called ${part}.`);
  return found;
}

/** The model a step makes where every layer is fed with made-up rows, a loud channel among them. */
async function made<O>(
  method: EncoderMethod<O>,
  options: O,
  model: Model,
  seed = 1,
): Promise<Model> {
  const anatomy = recognise(model);
  const ground = { model, anatomy, original: model };
  const layers = anatomy.layers.filter(({ op }) => op !== 'Gather');
  const plan = await method.plan(ground, layers, options, firstStep);
  const [work] = plan.work;
  if (work?.kind !== 'encode' || work.rescaling === undefined)
    throw new Error('Nothing is scaled.');
  const seen = seenOf(layers, ({ inFeatures }) => activations(64, inFeatures, seed));
  const stops = async function* () {
    yield { layers, seen };
  };
  const { factors, fillings } = await work.rescaling.decide(ground, stops(), context);
  let filled = fillHoles(plan.model, fillings);
  const encode = await work.prepare(async function* () {}, context);
  for (const { layer, encoded: planned, slot } of work.layers) {
    const weight = await readWeight(model, layer);
    const own = factors.get(layer.output);
    const given = own
      ? { ...weight, values: scaledWeight(weight.values, layer.inFeatures, own), factors: own }
      : weight;
    const { encoded } = await encode(given, planned, seen, context);
    filled = fillHoles(filled, fillingsOf(slot, encoded));
  }
  requireFilled(filled);
  return filled;
}

async function apart(before: Model, after: Model, part: string): Promise<number> {
  const { feeds } = fixture(part);
  const [a, b] = [await runFirstOutput(before, feeds), await runFirstOutput(after, feeds)];
  const size = a.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0) / size;
}

const LAYOUTS = ['gpt2', 'opt', 'llama', 'bert', 'vit', 'whisper', 't5'].flatMap((layout) => {
  const found = layoutFixtures.find(({ name }) => name.toLowerCase().startsWith(layout));
  return found ? [found.name] : [];
});

describe.each(LAYOUTS)('8 bits with scaled channels: %s', (name) => {
  const model = fixture(name).model();
  const fine = { bits: 8, blockSize: 16, symmetric: false } as const;

  it('OSCAR and AWQ keep what the model computes, to the precision of 8 bits', async () => {
    const byOscar = await made(oscar, oscarMeta.options.parse({ ...fine, clip: 'none' }), model);
    const byAwq = await made(awq, awqMeta.options.parse({ ...fine, clip: 'none' }), model);
    // 2^-8 of each weight's block, summed over the layers on the way.
    expect(await apart(model, byOscar, name)).toBeLessThan(0.05);
    expect(await apart(model, byAwq, name)).toBeLessThan(0.05);
  });
});

it('other calibration gives other bytes', async () => {
  const name = LAYOUTS[0];
  const model = fixture(name).model();
  const options = oscarMeta.options.parse({ bits: 4 });
  const [one, other] = [await made(oscar, options, model, 1), await made(oscar, options, model, 2)];
  expect(await apart(one, other, name)).toBeGreaterThan(0);
});

it('says how scales are folded', () => {
  const model = fixture('gpt2 plain, opset 13').model();
  const folds = findFolds(model, recognise(model).layers);
  const gelu = (value: number, read: number, pow: number): string =>
    `"/Reshape_${value}_output_0" ("/Reshape_${read}_output_0" is also read by the Pow that makes "/Pow_${pow}_output_0")`;
  expect(foldSentence(folds)).toBe(
    `Scales are folded into 7 norms and 3 layers before. 3 values get a multiplication, as nothing before can take the scale: ${gelu(10, 9, 2)}, ${gelu(22, 21, 5)}, ${gelu(34, 33, 8)}.`,
  );
});

import { expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../../test/support/sample.ts';
import { baselineRecipe } from '../../core/recipe/baseline.ts';
import { ownData } from '../data/read.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { againstBaseline } from './against-baseline.ts';

it('sets a trial beside its baseline on the written files, paired by window', async () => {
  const host = testHost();
  const open = await openModel(await sampleModel('stories'));
  const text = async (purpose: 'calibration' | 'evaluation', count: number) => {
    const dataset = await ownData(open, purpose);
    if (dataset?.kind !== 'text') throw new Error(`no ${purpose}`);
    const documents = dataset.documents.slice(0, count).map((document) => document.slice(0, 300));
    return { ...dataset, documents };
  };
  const [calibration, evaluation] = [await text('calibration', 16), await text('evaluation', 8)];
  const gptq = { method: 'gptq', target: 'feed-forward', options: { bits: 3 } };
  const enough = { data: 'sample:stories', samples: 16, length: 96 };
  const wanted = { ...recipe(gptq), calibration: enough };
  const sibling = baselineRecipe(wanted, 0);
  if (sibling === undefined) throw new Error('gptq has a baseline');
  const input = { open, calibration, evaluation };
  const hooks = { progress: () => {} };
  const own = await runTrial(host, { ...input, recipe: wanted }, hooks);
  const baseline = await runTrial(host, { ...input, recipe: sibling }, hooks);
  const fractions: number[] = [];
  const found = await againstBaseline(
    host,
    input,
    { own, baseline },
    { progress: (fraction) => fractions.push(fraction) },
  );
  const of = (trial: typeof own) => trial.report?.evaluation?.compressed.perplexity?.value ?? NaN;
  expect(found).toMatchObject({ word: 'better', metric: 'perplexity' });
  expect(found.difference?.value).toBeCloseTo(of(own) - of(baseline), 5);
  expect(found.size).toBeCloseTo(1, 2);
  expect(fractions.at(-1)).toBe(1);
  // Without the data the two reports decide, with errors as if they were independent.
  const apart = await againstBaseline(host, { open }, { own, baseline }, hooks);
  expect(apart.difference?.value).toBeCloseTo(found.difference?.value ?? NaN, 5);
  expect(apart.difference?.standardError).toBeGreaterThan(found.difference?.standardError ?? NaN);
});

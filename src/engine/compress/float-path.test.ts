import { expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../../test/support/sample.ts';
import { ownData } from '../data/read.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';

/** Errors of the layers of one block, by role. */
async function errorsWith(alpha: number) {
  const open = await openModel(await sampleModel('stories'));
  const text = async (purpose: 'calibration' | 'evaluation', documents: number) => {
    const dataset = await ownData(open, purpose);
    if (dataset?.kind !== 'text') throw new Error(`the sample has no ${purpose}`);
    const short = dataset.documents.slice(0, documents).map((document) => document.slice(0, 120));
    return { ...dataset, documents: short };
  };
  const [calibration, evaluation] = [await text('calibration', 6), await text('evaluation', 1)];
  const step = { method: 'qronos', target: { blocks: [0] }, options: { bits: 2, alpha } };
  const input = { open, recipe: recipe(step), calibration, evaluation };
  const { report } = await runTrial(testHost(), input, { progress: () => {} });
  const roles = new Map(open.anatomy.layers.map(({ name, role }) => [name, role]));
  return new Map(report?.layers.map((layer) => [roles.get(layer.name), layer]));
}

it('a method sees what the model before the step feeds a layer beside what the compressed one does', async () => {
  const [without, corrected] = [await errorsWith(0), await errorsWith(1)];
  const error = (of: typeof without, role: 'query' | 'down') => of.get(role)?.relativeError;
  // Before the first layers nothing is compressed: there both paths are one.
  expect(error(corrected, 'query')).toBeCloseTo(error(without, 'query') ?? NaN, 5);
  // Later ones make up for what came before; nothing of that is in GPTQ, which stands beside.
  expect(error(corrected, 'down')).toBeLessThan(0.98 * (error(without, 'down') ?? NaN));
  const {
    relativeError = NaN,
    baselineRelativeError = NaN,
    warnings,
  } = corrected.get('down') ?? {};
  expect(relativeError).toBeLessThan(baselineRelativeError);
  expect(warnings ?? []).toEqual([]);
});

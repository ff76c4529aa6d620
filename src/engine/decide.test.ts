import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../test/support/sample.ts';
import type { TextDataset } from '../core/data/types.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import { readEmbedded } from '../core/report/embed.ts';
import { ownData } from './data/read.ts';
import { openModel, type OpenModel } from './model/open.ts';
import { readWritten } from './model/written.ts';
import type { OnProgress } from './progress.ts';
import { runTrial } from './run-trial.ts';
import { TrialStore } from './trials/store.ts';

const BUDGET = 260_000;
const ROUND = { method: 'round-to-nearest' };
const AUTO = { ...ROUND, options: { bits: 'auto', budget: BUDGET } };

let stories: OpenModel;
let evaluation: TextDataset;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  const data = await ownData(stories, 'evaluation');
  if (data?.kind !== 'text') throw new Error('the sample has no evaluation data');
  evaluation = { ...data, documents: data.documents.slice(0, 1) };
});

const recipe = (...steps: readonly unknown[]) => parseRecipe({ version: 1, steps });

async function run(steps: readonly unknown[], progress: OnProgress = () => {}) {
  const host = testHost();
  const input = { open: stories, recipe: recipe(...steps), evaluation };
  const trial = await runTrial(host, input, { progress });
  const written = await new TrialStore(host.storage).written(trial.id);
  return { trial, written };
}

function totalError(layers: readonly { readonly relativeError: number }[] = []): number {
  return layers.reduce((sum, { relativeError }) => sum + relativeError, 0);
}

describe('bits that are decided within a budget', () => {
  it('stay within it, are written into the recipe, and give the same bytes without deciding again', async () => {
    const { trial, written } = await run([AUTO]);
    const { bitsPerLayer } = trial.recipe.steps[0].options as {
      bitsPerLayer: Record<string, number>;
    };
    expect(new Set(Object.values(bitsPerLayer)).size).toBeGreaterThan(1);
    expect(Object.keys(bitsPerLayer)).toHaveLength(stories.anatomy.layers.length);
    const bytes = written.file.byteLength;
    expect(bytes).toBeLessThanOrEqual(BUDGET);
    expect(bytes).toBeGreaterThan(0.97 * BUDGET);
    expect(trial.report?.forecastBytes).toBe(bytes);
    expect(readEmbedded(await readWritten(written))?.recipe).toEqual(trial.recipe);
    const again = await run(trial.recipe.steps);
    expect(again.trial.report?.outputSha256).toBe(trial.report?.outputSha256);
    expect(again.trial.recipe.steps).toEqual(trial.recipe.steps);
  });

  it('are decided behind a step that finds nothing to do', async () => {
    const idle = { method: 'dequantize' };
    const { trial } = await run([idle, AUTO]);
    expect(Object.keys(trial.recipe.steps[1].options)).toContain('bitsPerLayer');
    expect(trial.report?.after.bytes).toBeLessThanOrEqual(BUDGET);
  });

  it('beat one width for all in a file no larger, by what they were decided by', async () => {
    const even = await run([{ ...ROUND, options: { bits: 3 } }]);
    const budget = even.written.file.byteLength;
    const decided = await run([{ ...ROUND, options: { bits: 'auto', budget } }]);
    expect(decided.written.file.byteLength).toBeLessThanOrEqual(budget);
    const [own, other] = [decided, even].map(({ trial }) => totalError(trial.report?.layers));
    expect(own).toBeLessThan(0.9 * other);
  });

  it('are decided on the model as the steps before leave it', async () => {
    const prune = { method: 'magnitude', options: { sparsity: 0.9 } };
    const fractions: number[] = [];
    const plain = await run([AUTO]);
    const pruned = await run([prune, AUTO], ({ fraction }) => fractions.push(fraction));
    const [a, b] = [plain, pruned].map(({ trial }) => trial.recipe.steps.at(-1)?.options);
    expect(a?.['bitsPerLayer']).not.toEqual(b?.['bitsPerLayer']);
    expect(fractions).toEqual(fractions.toSorted((x, y) => x - y));
    expect(fractions.at(-1)).toBe(1);
  });

  it('are forecast as at most the budget before, exactly afterwards', async () => {
    const before = await planRecipe(stories.model, stories.anatomy, recipe(AUTO));
    expect(before.atMost).toBe(BUDGET);
    const { trial, written } = await run([AUTO]);
    const after = await planRecipe(stories.model, stories.anatomy, trial.recipe);
    expect([after.atMost, after.bytes]).toEqual([undefined, written.file.byteLength]);
  });

  it('need a budget, and one that can be kept', async () => {
    await expect(run([{ ...ROUND, options: { bits: 'auto' } }])).rejects.toThrow(
      'The bits of each layer are to be decided, and nothing says how large the file may be; set the budget to the most bytes it may take.',
    );
    const tight = { ...ROUND, options: { bits: 'auto', budget: 100_000 } };
    await expect(run([tight])).rejects.toThrow(
      /^With 2 bits in every chosen layer the file takes \d+ bytes, and the budget is 100000; raise it, choose more layers, or prune or shrink the model first\.$/,
    );
  });

  it('of a model with other layers leave the unknown ones alone', async () => {
    const options = { bits: 'auto', budget: BUDGET, bitsPerLayer: { other: 4 } };
    const plan = await planRecipe(stories.model, stories.anatomy, recipe({ ...ROUND, options }));
    expect(plan.steps[0].lines).toEqual([]);
    expect(plan.steps[0].skipped[0].reason).toBe(
      '"model.embed_tokens.weight" was not there when the bits of each layer were decided, so it was left as it is; clear "bitsPerLayer" to decide again.',
    );
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../test/support/sample.ts';
import type { TextDataset } from '../core/data/types.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import { ownData } from './data/read.ts';
import type { Host } from './host.ts';
import { openModel, type OpenModel } from './model/open.ts';
import type { ProgressEvent } from './progress.ts';
import { runTrial } from './run-trial.ts';
import { TrialStore } from './trials/store.ts';

let stories: OpenModel;
let evaluation: TextDataset;
/** What was measured once is known to the runs that follow. */
let host: Host;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  const data = await ownData(stories, 'evaluation');
  if (data?.kind !== 'text') throw new Error('the sample has no evaluation data');
  evaluation = { ...data, documents: data.documents.slice(0, 2) };
  host = testHost();
});

const calibration = { data: 'sample:stories', samples: 4, length: 64 };
const recipeOf = (...steps: readonly unknown[]) => parseRecipe({ version: 1, calibration, steps });

async function run(...steps: readonly unknown[]) {
  const events: ProgressEvent[] = [];
  const data = await ownData(stories, 'calibration');
  const recipe = recipeOf(...steps);
  const before = await planRecipe(stories.model, stories.anatomy, recipe);
  const input = { open: stories, recipe, evaluation, ...(data && { calibration: data }) };
  const trial = await runTrial(host, input, { progress: (event) => events.push(event) });
  const { file } = await new TrialStore(host.storage).written(trial.id);
  const after = await planRecipe(stories.model, stories.anatomy, trial.recipe);
  return { trial, events, before, after, bytes: file.byteLength };
}

const klOf = ({ trial }: Awaited<ReturnType<typeof run>>) =>
  trial.report?.evaluation?.compressed.kl?.value ?? NaN;

describe('plans of cuts', () => {
  it.each([
    ['greedy-blocks', { count: 2 }, 'blocks'],
    ['greedy-blocks', { part: 'sub-layer', count: 2 }, 'attention'],
    ['two-stage', { ratio: 0.4 }, 'attention'],
  ] as const)(
    '%s %o forecast at most before, and to the byte once decided',
    async (method, options, decided) => {
      const { trial, before, after, bytes, events } = await run({ method, options });
      expect(trial.recipe.steps[0].options[decided]).toBeDefined();
      expect(bytes).toBeLessThanOrEqual(before.atMost ?? 0);
      expect([after.atMost, after.bytes, trial.report?.forecastBytes]).toEqual([
        undefined,
        bytes,
        bytes,
      ]);
      const deciding = events.filter(({ stage }) => stage.startsWith('Deciding'));
      expect(deciding.some(({ detail }) => /^batch \d of \d$/.test(detail ?? ''))).toBe(true);
      const again = await run(...trial.recipe.steps);
      expect(again.trial.report?.outputSha256).toBe(trial.report?.outputSha256);
    },
  );

  it('of blocks dropped one by one cost no more than by influence, in files of one size', async () => {
    const greedy = await run({ method: 'greedy-blocks', options: { count: 2 } });
    const influence = await run({ method: 'blocks', options: { count: 2, protectFirst: 0 } });
    const [a, b] = [greedy, influence].map(({ trial }) => trial.report?.after.parameters);
    expect(a).toBe(b);
    expect(klOf(greedy)).toBeLessThanOrEqual(klOf(influence));
  });

  it('need calibration, and end within a moment when cancelled', async () => {
    const recipe = recipeOf({ method: 'greedy-blocks' });
    const hooks = { progress: () => undefined };
    await expect(runTrial(host, { open: stories, recipe }, hooks)).rejects.toThrow(
      'Drop blocks one by one looks at what flows through the model, but no calibration data was given; choose a text or example file, or take a method that needs none.',
    );
    const controller = new AbortController();
    const data = await ownData(stories, 'calibration');
    const started = runTrial(
      testHost(),
      { open: stories, recipe, ...(data && { calibration: data }) },
      { signal: controller.signal, progress: () => controller.abort() },
    );
    await expect(started).rejects.toThrow('cancelled');
  });
});

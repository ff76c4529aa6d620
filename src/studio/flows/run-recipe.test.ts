import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobProgress, RunWishes, Trial } from '../../../workers/protocol.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { setClients, type Clients } from '../client/clients.ts';
import { IDLE, useJob } from '../state/job-store.ts';
import { useModel } from '../state/model-store.ts';
import { useNotices } from '../state/notice-store.ts';
import { loadRecipe } from '../state/recipe-store.ts';
import { knownTrial, queries } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { fakeView } from '../testing/fake-model.ts';
import { endMeasuring, runRecipe } from './run-recipe.ts';

type Run = (told: (progress: JobProgress) => void, wishes: RunWishes) => Promise<Trial>;

const view = fakeView({ name: 'stories', origin: 'sample:stories', files: [] }, 'language-model');
const recipe: Recipe = {
  ...{ version: 1, seed: 0 },
  steps: [{ method: 'round-to-nearest', target: 'all', options: { bits: 8 } }],
};
const trial = (createdAt: number): Trial => ({
  ...{ id: 'a', model: view, name: 'q8', recipe, createdAt, state: 'done' },
});
const lastNotice = () => useNotices.getState().notices.at(-1);

/** An engine that runs so, and remembers what it was asked. */
function engineThat(run: Run) {
  const asked: RunWishes[] = [];
  const enough = vi.fn(() => Promise.resolve());
  const engine = {
    enough,
    run: (_: Recipe, told: (progress: JobProgress) => void, wishes: RunWishes) => {
      asked.push(wishes);
      return run(told, wishes);
    },
    trials: () => Promise.resolve([]),
    capabilities: () => Promise.resolve({}),
  };
  setClients({ engine, preview: {} } as unknown as Clients);
  return { asked, enough };
}

describe('running the recipe on the bench', () => {
  beforeEach(() => {
    queries.clear();
    useNotices.setState({ notices: [] });
    useJob.setState(IDLE, true);
    useView.setState({ trial: undefined });
    useModel.setState({ view });
    loadRecipe(recipe);
  });

  it('shows the trial as soon as it is measured, while its devices are compared', async () => {
    let over: (trial: Trial) => void = () => undefined;
    engineThat((told) => {
      told({ stage: 'Timing', fraction: 0.8, trial: trial(Infinity) });
      return new Promise((resolve) => (over = resolve));
    });
    const running = runRecipe();
    expect(useJob.getState().running).toBe(true);
    expect(useView.getState().trial).toBe('a');
    expect(knownTrial('a')?.name).toBe('q8');
    over({ ...trial(Infinity), name: 'compared' });
    await running;
    expect(useJob.getState().running).toBe(false);
    expect(knownTrial('a')?.name).toBe('compared');
  });

  it('says that a cancel came after the measuring, and keeps the trial on screen', async () => {
    engineThat((told) => {
      told({ stage: 'Timing', fraction: 0.8, trial: trial(Infinity) });
      return Promise.reject(new CancelledError());
    });
    await runRecipe();
    expect(lastNotice()?.text).toBe(
      'q8 was measured before the cancel and is kept. Only the comparison of devices is missing.',
    );
    expect(useView.getState().trial).toBe('a');
    engineThat(() => Promise.reject(new CancelledError()));
    await runRecipe();
    expect(lastNotice()?.text).toBe(
      'Cancelled. Run the same recipe again to go on: finished steps are kept.',
    );
  });

  it('offers to measure again what was measured before', async () => {
    const { asked } = engineThat(() => Promise.resolve(trial(0)));
    await runRecipe();
    expect(asked).toEqual([{ parts: undefined, again: false }]);
    expect(lastNotice()?.text).toBe('q8 was measured before: this is its kept result.');
    lastNotice()?.action?.perform();
    expect(asked.at(-1)).toEqual({ parts: undefined, again: true });
  });

  it('ends a measurement once, and only one that has shown something', async () => {
    const { enough } = engineThat((told) => {
      void endMeasuring();
      const metrics = { original: {}, compressed: {}, difference: {} };
      told({
        stage: 'Measuring',
        fraction: 0.5,
        interim: { bytes: 1, done: 4, of: 60, ...metrics },
      });
      expect(enough).not.toHaveBeenCalled();
      void endMeasuring();
      void endMeasuring();
      return Promise.resolve(trial(Infinity));
    });
    await runRecipe();
    expect(enough).toHaveBeenCalledTimes(1);
  });
});

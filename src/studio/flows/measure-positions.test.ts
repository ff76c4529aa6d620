import { beforeEach, describe, expect, it } from 'vitest';
import type { JobProgress, Trial } from '../../../workers/protocol.ts';
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
import { measurePositions } from './measure-positions.ts';

const view = fakeView({ name: 'stories', origin: 'sample:stories', files: [] }, 'language-model');
const at = (bits: number): Recipe => ({
  ...{ version: 1, seed: 0 },
  steps: [{ method: 'round-to-nearest', target: 'all', options: { bits } }],
});
const bitsOf = ({ steps }: Recipe) => Number(steps[0].options['bits']);
const trialOf = (recipe: Recipe): Trial => ({
  ...{ id: `q${bitsOf(recipe)}`, model: view, name: 'x', recipe, createdAt: 1, state: 'done' },
});

function engineThat(run: (recipe: Recipe, told: (progress: JobProgress) => void) => Trial) {
  const asked: number[] = [];
  const engine = {
    run: async (recipe: Recipe, told: (progress: JobProgress) => void) => {
      asked.push(bitsOf(recipe));
      return run(recipe, told);
    },
    trials: () => Promise.resolve([]),
    capabilities: () => Promise.resolve({}),
  };
  setClients({ engine, preview: {} } as unknown as Clients);
  return asked;
}

describe('measuring positions', () => {
  beforeEach(() => {
    queries.clear();
    useNotices.setState({ notices: [] });
    useJob.setState(IDLE, true);
    useView.setState({ trial: undefined });
    useModel.setState({ view });
    loadRecipe(at(4));
  });

  it('runs one after the other under one bar, and shows that of the bench', async () => {
    const seen: (readonly [string | undefined, number | undefined])[] = [];
    const asked = engineThat((recipe, told) => {
      told({ stage: 'Measuring', fraction: 0.5, secondsLeft: 9 });
      const { progress } = useJob.getState();
      seen.push([progress?.stage, progress?.fraction]);
      expect(progress?.secondsLeft).toBeUndefined();
      return trialOf(recipe);
    });
    await measurePositions([at(2), at(4), at(8)]);
    expect(asked).toEqual([2, 4, 8]);
    expect(seen).toEqual([
      ['1 of 3: Measuring', 0.5 / 3],
      ['2 of 3: Measuring', 1.5 / 3],
      ['3 of 3: Measuring', 2.5 / 3],
    ]);
    expect(useView.getState().trial).toBe('q4');
    expect([2, 4, 8].map((bits) => knownTrial(`q${bits}`)?.id)).toEqual(['q2', 'q4', 'q8']);
    expect(useJob.getState().running).toBe(false);
  });

  it('ends with a cancel, and keeps what was measured before', async () => {
    const asked = engineThat((recipe) => {
      if (bitsOf(recipe) === 4) throw new CancelledError();
      return trialOf(recipe);
    });
    await measurePositions([at(2), at(4), at(8)]);
    expect(asked).toEqual([2, 4]);
    expect(useJob.getState().running).toBe(false);
    expect(useView.getState().trial).toBeUndefined();
  });

  it('does not begin while another run goes on', async () => {
    const asked = engineThat(trialOf);
    useJob.setState({ running: true });
    await measurePositions([at(2)]);
    expect(asked).toEqual([]);
    expect(useNotices.getState().notices).toHaveLength(1);
  });
});

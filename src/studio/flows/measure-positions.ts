import type { Recipe } from '../../core/recipe/types.ts';
import type { JobProgress, Trial } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { benchKey } from '../state/bench.ts';
import { announce } from '../state/notice-store.ts';
import { currentRecipe } from '../state/recipe-store.ts';
import { addTrial } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { positions as t } from '../strings/en-positions.ts';
import { runBlockedBy, underBar } from './run-recipe.ts';

/** Runs recipes that differ in one option, one after the other under one bar; the result of the bench's own is shown. */
export async function measurePositions(recipes: readonly Recipe[]): Promise<void> {
  const take = (trial: Trial): undefined => void shown(trial);
  const ran = await underBar(runBlockedBy(), take, async (onProgress) => {
    for (const [at, recipe] of recipes.entries()) {
      const told = (progress: JobProgress) => onProgress(within(progress, at, recipes.length));
      shown(await clients().engine.run(recipe, told));
    }
    return recipes.length;
  });
  if (ran !== undefined) announce(t.finished(ran));
}

function shown(trial: Trial): void {
  addTrial(trial);
  if (benchKey(trial.recipe) === benchKey(currentRecipe())) useView.setState({ trial: trial.id });
}

/** What is left of one run says nothing of those that follow. */
function within(progress: JobProgress, at: number, of: number): JobProgress {
  const { stage, fraction } = progress;
  return {
    ...progress,
    secondsLeft: undefined,
    stage: t.stage(at + 1, of, stage),
    fraction: (at + fraction) / of,
  };
}

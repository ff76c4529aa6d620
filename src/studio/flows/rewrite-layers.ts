import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Step } from '../../core/recipe/types.ts';
import { giveBits, leaveAlone, takeIn, targetedLayers, type Bench } from '../recipe/layer-bits.ts';
import { methodCard } from '../recipe/method-card.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { replaceSteps, useRecipe, type EditableStep } from '../state/recipe-store.ts';

/** The recipe on the bench beside the open model, as what rewrites targets wants it. */
export function currentBench(): Bench<EditableStep> | undefined {
  const anatomy = useModel.getState().view?.anatomy;
  const { steps, selected } = useRecipe.getState();
  const preferred = steps.find(({ key }) => key === selected);
  return anatomy && { anatomy, steps, card: methodCard, preferred };
}

/** Gives layers so many bits: the targets of the steps are written for the user, as one change. */
export function setLayerBits(names: readonly string[], bits: number): void {
  rewrite((bench) => giveBits(bench, names, bits));
}

/** Leaves layers alone, or takes them in again where the recipe works on none of them. */
export function toggleLayers(names: readonly string[]): void {
  rewrite((bench) => {
    const targeted = targetedLayers(bench);
    const works = names.some((name) => targeted.has(name));
    return works ? leaveAlone(bench, names) : takeIn(bench, names);
  });
}

function rewrite(change: (bench: Bench<EditableStep>) => readonly (Step | EditableStep)[]): void {
  const bench = currentBench();
  if (bench === undefined) return;
  try {
    replaceSteps(change(bench));
  } catch (thrown) {
    if (!(thrown instanceof LatheError)) throw thrown;
    notify(thrown.message, { tone: 'error' });
  }
}

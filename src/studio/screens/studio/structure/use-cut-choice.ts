import { create } from 'zustand';
import type { Block } from '../../../../core/anatomy/types.ts';
import { useCatalog } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { announce } from '../../../state/notice-store.ts';
import { currentRecipe, replaceSteps, useRecipe } from '../../../state/recipe-store.ts';
import { structure as t } from '../../../strings/en-structure.ts';
import {
  NOTHING_CHOSEN,
  withBlock,
  withCut,
  withHead,
  type BlockPlace,
  type CutChoice,
} from './cut-steps.ts';

/** What is chosen in the picture of the open model, to be cut. */
export const useCutChoice = create<CutChoice>()(() => NOTHING_CHOSEN);

export function toggleBlock(place: BlockPlace): void {
  useCutChoice.setState((choice) => withBlock(choice, place));
}

export function toggleHead(block: Block, head: number): void {
  useCutChoice.setState((choice) => withHead(choice, block, head));
}

export function chooseNothing(): void {
  useCutChoice.setState(NOTHING_CHOSEN);
}

/** Makes ordinary steps of what is chosen: one change of the recipe, which undo takes back. */
export function cutChosen(): void {
  const { view } = useModel.getState();
  if (view === undefined) return;
  const { steps } = useRecipe.getState();
  const next = withCut(steps, useCutChoice.getState(), view.anatomy, useCatalog.getState().cards);
  replaceSteps(next);
  chooseNothing();
  announce(t.onTheBench(currentRecipe().steps.length));
}

// What was chosen is of the model that was open.
useModel.subscribe(({ view }, before) => {
  if (view?.sha256 !== before.view?.sha256) chooseNothing();
});

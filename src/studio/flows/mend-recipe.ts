import type { Mend } from '../recipe/mend.ts';
import {
  dropOption,
  moveStep,
  removeStep,
  selectStep,
  setOption,
  updateStep,
} from '../state/recipe-store.ts';
import { useView } from '../state/view-store.ts';

/** Takes a problem away; undone like any other change. */
export function mendRecipe(mend: Mend): void {
  const { kind, key } = mend;
  if (kind === 'move') moveStep(key, mend.by);
  else if (kind === 'set') setOption(key, mend.option, mend.value);
  else if (kind === 'drop') dropOption(key, mend.option);
  else if (kind === 'remove') removeStep(key);
  else updateStep(key, { disabled: kind === 'disable' });
}

/** Opens a step's card, brings it into view and gives it the focus. */
export function showStep(key: string): void {
  useView.setState({ pane: 'recipe' });
  selectStep(key);
  requestAnimationFrame(() => {
    const card = document.getElementById(`step-${key}`);
    card?.scrollIntoView({ block: 'nearest' });
    card?.querySelector<HTMLElement>('h3 button')?.focus({ preventScroll: true });
  });
}

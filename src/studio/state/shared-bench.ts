import { create } from 'zustand';
import { useRecipe, type EditableStep } from './recipe-store.ts';

const useLink = create<{ readonly steps?: readonly EditableStep[] }>()(() => ({}));

/** A link has put its recipe on the bench. Its last step is the one that is about something: the first ones prepare. */
export function benchIsShared(): void {
  const { steps } = useRecipe.getState();
  useLink.setState({ steps });
  const last = steps.findLast(({ disabled }) => disabled !== true);
  if (last !== undefined) useRecipe.setState({ selected: last.key });
}

/** Whether the steps on the bench are still those that a link brought. */
export function useSharedBench(): boolean {
  const shared = useLink((state) => state.steps);
  return useRecipe((state) => state.steps === shared);
}

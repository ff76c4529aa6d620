import { ORIGINAL } from '../../../../../workers/protocol.ts';
import { useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';

/** The original, or a finished trial. */
export interface Side {
  readonly id: string;
  readonly name: string;
}

export interface Sides {
  readonly left: Side;
  readonly right: Side;
}

/** All that can be put on a side, the original first. */
export function useChoices(): readonly Side[] {
  const trials = useModelTrials().filter(({ state }) => state === 'done');
  return [{ id: ORIGINAL, name: en.tryIt.original }, ...trials];
}

/** The two sides; undefined while there is no trial to compare with. */
export function useSides(choices: readonly Side[]): Sides | undefined {
  const shown = useShownTrial();
  const left = useView((state) => state.left);
  const right = useView((state) => state.right);
  if (shown === undefined) return undefined;
  const named = (id: string | undefined): Side | undefined => choices.find((c) => c.id === id);
  return { left: named(left) ?? choices[0], right: named(right) ?? shown };
}

export function chooseLeft(id: string): void {
  useView.setState({ left: id });
}

/** A trial on the right is the one that is shown everywhere. */
export function chooseRight(id: string): void {
  useView.setState(id === ORIGINAL ? { right: id } : { right: undefined, trial: id });
}

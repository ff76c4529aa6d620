import { adapterOff, ORIGINAL, type Trial } from '../../../../../workers/protocol.ts';
import { keepsAdapter } from '../../../../core/recipe/kept-adapters.ts';
import { useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView, type SideName } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';

/** The original, or a finished trial. */
export interface Side {
  readonly id: string;
  readonly name: string;
  /** Has an adapter beside its weights, which can be switched off. */
  readonly adapter: boolean;
}

export interface Sides {
  readonly left: Side;
  readonly right: Side;
}

/** All that can be put on a side, the original first. */
export function useChoices(): readonly Side[] {
  const trials = useModelTrials().filter(({ state }) => state === 'done');
  return [{ id: ORIGINAL, name: en.tryIt.original, adapter: false }, ...trials.map(sideOf)];
}

function sideOf({ id, name, recipe }: Trial): Side {
  return { id, name, adapter: keepsAdapter(recipe) };
}

/** The two sides; undefined while there is no trial to compare with. */
export function useSides(choices: readonly Side[]): Sides | undefined {
  const shown = useShownTrial();
  const left = useView((state) => state.left);
  const right = useView((state) => state.right);
  if (shown === undefined) return undefined;
  const named = (id: string | undefined): Side | undefined => choices.find((c) => c.id === id);
  return { left: named(left) ?? choices[0], right: named(right) ?? sideOf(shown) };
}

export function chooseLeft(id: string): void {
  useView.setState({ left: id });
}

/** A trial on the right is the one that is shown everywhere. */
export function chooseRight(id: string): void {
  useView.setState(id === ORIGINAL ? { right: id } : { right: undefined, trial: id });
}

/** Which of the sides that keep an adapter have it switched off. */
export function useAdapterOff(): readonly SideName[] {
  return useView((state) => state.adapterOff);
}

export function switchAdapter(side: SideName, on: boolean): void {
  useView.setState(({ adapterOff: before }) => ({
    adapterOff: on ? before.filter((name) => name !== side) : [...before, side],
  }));
}

/** The sides as they are asked: a switched-off adapter makes another model of a trial. */
export function asked({ left, right }: Sides, off: readonly SideName[]): Sides {
  const one = (side: Side, name: SideName): Side =>
    side.adapter && off.includes(name)
      ? { ...side, id: adapterOff(side.id), name: en.training.without(side.name) }
      : side;
  return { left: one(left, 'left'), right: one(right, 'right') };
}

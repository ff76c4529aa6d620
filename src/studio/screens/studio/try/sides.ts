import { adapterOff, ORIGINAL, type Trial } from '../../../../../workers/protocol.ts';
import { metaById } from '../../../../core/methods/catalog.ts';
import { keepsAdapter } from '../../../../core/recipe/kept-adapters.ts';
import { useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView, type SideName } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { tryIt } from '../../../strings/en-try.ts';

/** The original, or a finished trial. */
export interface Side {
  readonly id: string;
  readonly name: string;
  /** Has an adapter beside its weights, which can be switched off. */
  readonly adapter: boolean;
  /** What was measured of it; absent for the original, and where its adapter is switched off. */
  readonly trial?: Trial;
}

export interface Sides {
  readonly left: Side;
  readonly right: Side;
}

/** All that can be put on a side, the original first; of trials without a file only the one that is shown. */
export function useChoices(): readonly Side[] {
  const shown = useShownTrial();
  const trials = useModelTrials().filter(
    ({ state, shipped, id }) => state === 'done' && (shipped !== true || id === shown?.id),
  );
  return [{ id: ORIGINAL, name: tryIt.original, adapter: false }, ...trials.map(sideOf)];
}

function sideOf(trial: Trial): Side {
  const { id, name, recipe } = trial;
  return { id, name, adapter: keepsAdapter(recipe), trial };
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

/** Whether the same two models are asked, on the same sides. */
export function isSamePair(one: Sides, other: Sides): boolean {
  return one.left.id === other.left.id && one.right.id === other.right.id;
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
      ? { adapter: true, id: adapterOff(side.id), name: en.training.without(side.name) }
      : side;
  return { left: one(left, 'left'), right: one(right, 'right') };
}

/** The side that was measured by the project and has no file here, if any: nothing can be asked of it yet. */
export function withoutFile({ left, right }: Sides): Side | undefined {
  return [right, left].find(({ trial }) => trial?.shipped === true);
}

/** Whether a side shows what it does only with its cache filled, as its evaluation was measured. */
export function touchesCache({ left, right }: Sides): boolean {
  return [left, right].some(({ trial }) =>
    trial?.recipe.steps.some(
      ({ method, disabled }) => disabled !== true && metaById(method)?.touchesCache === true,
    ),
  );
}

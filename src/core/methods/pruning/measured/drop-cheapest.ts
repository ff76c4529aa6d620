import type { Ablation } from '../../../ablation/types.ts';
import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Oracle } from '../../contract.ts';

/** Parts of which some are to go, one after the other. */
export interface Dropping<Part> {
  readonly parts: readonly Part[];
  readonly count: number;
  /** The model without these. */
  readonly without: (dropped: readonly Part[]) => Ablation;
  /** Whether these can go together. */
  readonly possible: (dropped: readonly Part[]) => boolean;
}

/**
 * SLEB's search: each time the part goes without which, and without those that went before, the model's answers move
 * least, by measured KL; of equals the later one. Costs count·parts measurements, the way up to the first gate shared. In the
 * order they went. Throws `parts-too-many` where no further part can go. Source: Song et al. 2024, algorithm 1.
 */
export async function dropCheapest<Part>(
  { parts, count, without, possible }: Dropping<Part>,
  ask: Pick<Oracle<never>, 'losses' | 'signal'>,
): Promise<readonly Part[]> {
  const dropped: Part[] = [];
  while (dropped.length < count) {
    throwIfCancelled(ask.signal);
    const left = parts.filter((part) => !dropped.includes(part));
    const within = { from: dropped.length / count, end: (dropped.length + 1) / count };
    const losses = await ask.losses(
      left.map((part) => without([...dropped, part])),
      within,
    );
    const order = [...left.keys()].sort((a, b) => losses[a].value - losses[b].value || b - a);
    const cheapest = order.find((at) => possible([...dropped, left[at]]));
    if (cheapest === undefined) throw noneLeft(dropped.length, count);
    dropped.push(left[cheapest]);
  }
  return dropped;
}

function noneLeft(gone: number, count: number): LatheError {
  return new LatheError(
    'parts-too-many',
    `${count} parts were to go, and after ${gone} of them none of the others can: what would be left does not hold together; lower the number.`,
    { gone, count },
  );
}

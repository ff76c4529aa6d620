import type { Level } from '../../../allocation/upgrades.ts';
import type { Assignment } from './solve.ts';

/** How many neighbours are measured in one round. */
export const MOST_NEIGHBOURS = 8;
/** How far a level moves at most in one exchange. */
const REACH = 2;

interface Move {
  readonly part: number;
  readonly level: number;
  readonly cost: number;
  readonly error: number;
}

/**
 * Assignments that differ from `levels` in one part or two, take at most `room` more, and come to least by the additive
 * model: what it is wrong about (losses that do not add up) is found by measuring those it hardly tells apart.
 */
export function neighbours(
  items: readonly (readonly Level[])[],
  levels: Assignment,
  room: number,
): readonly Assignment[] {
  const moves = items.flatMap((own, part) => movesOf(own, part, levels[part]));
  const found: { readonly moves: readonly Move[]; readonly error: number }[] = [];
  for (const [at, first] of moves.entries()) {
    if (first.cost <= room) found.push({ moves: [first], error: first.error });
    for (const second of moves.slice(at + 1)) {
      if (second.part === first.part || first.cost + second.cost > room) continue;
      // Both for the better and both for the worse are no exchange.
      if (first.error > 0 === second.error > 0) continue;
      found.push({ moves: [first, second], error: first.error + second.error });
    }
  }
  return found
    .sort((a, b) => a.error - b.error)
    .slice(0, MOST_NEIGHBOURS)
    .map(({ moves: made }) => {
      const next = [...levels];
      for (const { part, level } of made) next[part] = level;
      return next;
    });
}

/** A part's levels near by in bytes, by what they change. */
function movesOf(own: readonly Level[], part: number, now: number): Move[] {
  const order = own.map((_, level) => level).sort((a, b) => own[a].cost - own[b].cost);
  const at = order.indexOf(now);
  return order
    .slice(Math.max(0, at - REACH), at + REACH + 1)
    .filter((level) => level !== now)
    .map((level) => ({
      ...{ part, level },
      cost: own[level].cost - own[now].cost,
      error: own[level].error - own[now].error,
    }));
}

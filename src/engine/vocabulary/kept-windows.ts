import type { TokenWindow } from '../../core/data/types.ts';
import type { KeptTokens } from '../../runtime/token-views.ts';

/** Which tokens a smaller vocabulary still has. */
export function isKept({ columns, size }: KeptTokens): (id: number) => boolean {
  const kept = new Uint8Array(size);
  for (const token of columns) kept[token] = 1;
  return (id) => kept[id] === 1;
}

/**
 * What of a window both models can read token by token: the stretches between tokens that were dropped, behind the
 * token the window starts with. What was scored in the window is scored in them, but for the dropped tokens and those
 * right behind one.
 */
export function keptStretches(window: TokenWindow, kept: (id: number) => boolean): TokenWindow[] {
  const { ids, firstCounted, document } = window;
  if (ids.every(kept)) return [window];
  const stretches: TokenWindow[] = [];
  let start = 0;
  for (let at = 0; at <= ids.length; at++) {
    if (at < ids.length && kept(ids[at])) continue;
    const first = Math.max(1, firstCounted - start);
    if (at - start > first) {
      stretches.push({ ids: ids.slice(start, at), firstCounted: first, document });
    }
    start = at + 1;
  }
  return stretches;
}

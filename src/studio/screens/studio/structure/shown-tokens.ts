import type { DroppedTokens } from '../../../../../workers/protocol.ts';

type Tokens = DroppedTokens['dropped'];

/** More rows are looked for, not scrolled through. */
export const MOST_SHOWN = 200;

/** The first tokens whose text holds what is searched, or whose id it is; upper and lower case are one. */
export function shownTokens(
  dropped: Tokens,
  query: string,
): { readonly tokens: Tokens; readonly more: number } {
  const wanted = query.trim().toLowerCase();
  const found =
    wanted === ''
      ? dropped
      : dropped.filter(
          ({ id, text }) => text.toLowerCase().includes(wanted) || String(id) === wanted,
        );
  return { tokens: found.slice(0, MOST_SHOWN), more: Math.max(0, found.length - MOST_SHOWN) };
}

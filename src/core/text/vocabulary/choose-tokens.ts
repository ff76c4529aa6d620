import { companionJson } from '../../companions/files.ts';
import type { Companions } from '../../companions/types.ts';
import { idFieldsIn } from './id-fields.ts';
import { piecesOf, tokenizerIn, type Pieces } from './pieces.ts';

/** How often each token occurs in a corpus. */
export type TokenCounts = ReadonlyMap<number, number>;

export interface TokenChoice {
  /** Share of the corpus' tokens that have to stay, 0…1. */
  readonly coverage: number;
  /** How many tokens stay in all; decides alone where it is given. */
  readonly keep?: number;
}

/**
 * The tokens, out of 0 … `size` − 1, that stay: those without which the tokenizer does not work (special and added
 * ones, bytes and single ASCII characters, so that any text can still be spelled), then the most frequent of the
 * corpus until `coverage` of it is covered, or until there are `keep`, filled up from the lowest ids. With a token
 * stay all that merges make it from, so a text without dropped tokens is cut as before.
 * Ascending.
 */
export function chooseTokens(
  files: Companions,
  size: number,
  counts: TokenCounts,
  { coverage, keep }: TokenChoice,
): number[] {
  const json = tokenizerIn(files);
  const pieces = json && piecesOf(json);
  const parts = pieces ? partsOf(pieces) : new Map<number, readonly number[]>();
  const kept = new Set<number>();
  const missing = (token: number) => missingWith(token, parts, kept);
  for (const token of indispensable(files, pieces)) {
    if (token < size) for (const one of missing(token)) kept.add(one);
  }
  const seen = [...counts].filter(([token, n]) => n > 0 && token < size);
  seen.sort(([a, n], [b, m]) => m - n || a - b);
  const rest = Array.from({ length: keep === undefined ? 0 : size }, (_, token) => token);
  const open = keep === undefined ? enough(seen, coverage) : () => kept.size < keep;
  for (const token of [...seen.map(([one]) => one), ...rest]) {
    if (!open()) break;
    const more = missing(token);
    if (keep === undefined || kept.size + more.length <= keep)
      for (const one of more) kept.add(one);
  }
  return [...kept].filter((token) => token < size).sort((a, b) => a - b);
}

/** True until the most frequent tokens, one more at each call, cover the share of the corpus. */
function enough(seen: readonly (readonly [number, number])[], coverage: number): () => boolean {
  const total = seen.reduce((sum, [, n]) => sum + n, 0);
  let [at, covered] = [0, 0];
  return () => {
    const open = at < seen.length && (at === 0 || covered < coverage * total);
    covered += seen[at]?.[1] ?? 0;
    at++;
    return open;
  };
}

/** Special tokens, whichever file says so, and what spells everything else. */
export function indispensable(files: Companions, pieces: Pieces | undefined): Set<number> {
  const configs = ['config.json', 'generation_config.json'].map((path) =>
    companionJson(files, path),
  );
  const spelling = pieces ? [...pieces.ids].filter(([text]) => spells(text)) : [];
  return new Set([
    // Arrays of tokens are filled up with zeros.
    0,
    ...configs.flatMap(idFieldsIn),
    ...(pieces?.added.map(({ id }) => id) ?? []),
    ...(pieces?.named ?? []),
    ...spelling.map(([, id]) => id),
  ]);
}

/** Bytes of the byte alphabets (`<0x0A>`; one character of GPT-2's 256) and ASCII characters within or before words. */
function spells(text: string): boolean {
  if (/^<0x[0-9A-F]{2}>$/.test(text)) return true;
  const [bare, ...more] = text.replace(/^(##|▁)/, '');
  const last = 0x143; // GPT-2 writes bytes as the characters up to U+0143.
  return more.length === 0 && (bare === undefined || (bare.codePointAt(0) ?? 0) <= last);
}

/** What each token is merged from, by every rule that makes it. */
function partsOf({ ids, merges }: Pieces): Map<number, readonly number[]> {
  const parts = new Map<number, number[]>();
  for (const [left, right] of merges) {
    const whole = ids.get(left + right);
    if (whole === undefined) continue;
    const both = [ids.get(left), ids.get(right)].filter((id) => id !== undefined);
    parts.set(whole, [...(parts.get(whole) ?? []), ...both]);
  }
  return parts;
}

/** The token and what it is made of, down to single characters, without what is kept already. */
function missingWith(
  token: number,
  parts: ReadonlyMap<number, readonly number[]>,
  kept: ReadonlySet<number>,
): readonly number[] {
  const found = new Set<number>();
  const open = [token];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (kept.has(next) || found.has(next)) continue;
    found.add(next);
    open.push(...(parts.get(next) ?? []));
  }
  return [...found];
}

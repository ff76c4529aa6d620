/** One letter without case and accents, as most tokenizers that normalise see it. */
function plain(letter: string): string {
  return letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * The pieces that tokens decode to, as the text they were cut from writes them, with the spaces between. A piece that
 * is not found where it should be stays as it is, and the search goes on behind the last one that was.
 */
export function inOriginal(text: string, pieces: readonly string[]): string[] {
  const letters = Array.from(text);
  const plains = letters.map(plain);
  let at = 0;
  return pieces.map((piece) => {
    const wanted = Array.from(piece.trim(), plain).join('');
    const end = wanted === '' ? undefined : endOf(plains, skipSpace(plains, at), wanted);
    if (end === undefined) return piece;
    const found = letters.slice(at, end).join('');
    at = end;
    return found;
  });
}

function skipSpace(plains: readonly string[], from: number): number {
  let at = from;
  while (at < plains.length && plains[at].trim() === '') at += 1;
  return at;
}

/** Where `wanted` ends if it begins at `from`. */
function endOf(plains: readonly string[], from: number, wanted: string): number | undefined {
  let found = '';
  let at = from;
  while (at < plains.length && found.length < wanted.length) {
    found += plains[at];
    at += 1;
  }
  return found === wanted ? at : undefined;
}

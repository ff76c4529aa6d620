/** Characters that are read token by token; of more text, the beginning stands for the rest. */
export const COUNTED = 400_000;

/** A tokenizer's time can grow with the square of what it is given at once. */
const PIECE = 20_000;

export interface TokenCount {
  readonly tokens: number;
  /** Every character was read, whole documents at once. */
  readonly exact: boolean;
}

/**
 * How many tokens texts come to. Up to {@link COUNTED} characters in documents that are no longer than a piece
 * it is exact; else it is told from the beginning, at its rate of tokens per character, to two digits.
 */
export function estimateTokens(
  documents: readonly string[],
  count: (text: string) => number,
): TokenCount {
  const characters = documents.reduce((sum, { length }) => sum + length, 0);
  let [read, tokens, whole] = [0, 0, true];
  for (const text of documents) {
    for (let at = 0; at < text.length && read < COUNTED; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      whole &&= piece.length === text.length;
      tokens += count(piece);
      read += piece.length;
    }
  }
  if (whole && read === characters) return { tokens, exact: true };
  const estimate = read === 0 ? 0 : (tokens * characters) / read;
  return { tokens: Number(estimate.toPrecision(2)), exact: false };
}

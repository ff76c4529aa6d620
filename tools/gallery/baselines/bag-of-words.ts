import { sparseRows, type SparseRows } from './sparse-rows.ts';

/** Which words get a column. */
export type WordColumns = ReadonlyMap<string, number>;

const WORDS = /[\p{L}\p{N}]+(?:['’][\p{L}]+)?|[$!?%]/gu;

/** Words of a text in lower case; the marks $ ! ? % count as words, other punctuation does not. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORDS) ?? [];
}

/** Columns for the words that occur in at least `minDocuments` of the texts, most frequent first. */
export function wordColumns(texts: readonly string[], minDocuments = 2): WordColumns {
  const documents = new Map<string, number>();
  for (const text of texts) {
    for (const word of new Set(wordsOf(text))) documents.set(word, (documents.get(word) ?? 0) + 1);
  }
  const kept = [...documents].filter(([, count]) => count >= minDocuments);
  kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return new Map(kept.map(([word], column) => [word, column]));
}

/**
 * Each text as log(1 + count) of its words, scaled to length 1 so that long texts do not shout.
 * Words without a column are left out.
 */
export function bagOfWords(texts: readonly string[], columns: WordColumns): SparseRows {
  return sparseRows(
    texts.map((text) => {
      const counts = new Map<number, number>();
      for (const word of wordsOf(text)) {
        const column = columns.get(word);
        if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
      }
      const row = [...counts].map(([column, n]) => [column, Math.log1p(n)] as const);
      const length = Math.hypot(...row.map(([, value]) => value)) || 1;
      return row.map(([column, value]) => [column, value / length] as const);
    }),
    columns.size,
  );
}

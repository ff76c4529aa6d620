import type { NoteTable } from '../../../../../core/methods/decision-note.ts';

interface Pair {
  /** What the row is of: its first cell. */
  readonly name: string;
  readonly expected: number;
  readonly measured: number;
}

/** Rows with both numbers, and the largest of all: the length of a whole bar. */
export function pairsOf(
  { rows }: Pick<NoteTable, 'rows'>,
  compares: NonNullable<NoteTable['compares']>,
): { readonly pairs: readonly Pair[]; readonly largest: number } {
  const pairs = rows.flatMap((row) => {
    const [expected, measured] = [row[compares.expected], row[compares.measured]];
    if (typeof expected !== 'number' || typeof measured !== 'number') return [];
    return [{ name: String(row[0]), expected, measured }];
  });
  const all = pairs.flatMap(({ expected, measured }) => [expected, measured]);
  return { pairs, largest: Math.max(...all, Number.MIN_VALUE) };
}

import { en } from '../../../strings/en.ts';

/** Longer answers are written for machines. */
const READABLE = 32;

/**
 * "12 × 4, 24 × 3": how many layers got what, the most first; of pairs of numbers, which are alike nowhere, how many there
 * are.
 */
export function inWords(decided: unknown): string {
  if (typeof decided === 'string' && decided.length > READABLE) return en.recipe.decidedLong;
  if (typeof decided !== 'object' || decided === null) return String(decided);
  const entries = Object.values(decided);
  if (entries.some(isPair)) return String(entries.length);
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const { words, of } = told(entry);
    counts.set(words, (counts.get(words) ?? 0) + of);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([value, count]) => `${count} × ${value}`).join(', ');
}

function isPair(entry: unknown): boolean {
  return (
    Array.isArray(entry) && entry.length === 2 && entry.every((one) => typeof one === 'number')
  );
}

/** A choice with the names it is for says how many those are: { bits: 4, layers: [a, b] } is two times 4. */
function told(entry: unknown): { readonly words: string; readonly of: number } {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { words: String(entry), of: 1 };
  const fields: readonly unknown[] = Object.values(entry);
  const names = fields.find((field) => Array.isArray(field));
  const said = fields.filter((field) => typeof field === 'string' || typeof field === 'number');
  return { words: said.join(' '), of: names === undefined ? 1 : names.length };
}

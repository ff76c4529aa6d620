/**
 * The name nearest to `word` by edit distance, case ignored; a name that contains the word ("head" in
 * "output-head") is two edits away at most. Undefined for an empty list; the first of equals wins.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const name of names) {
    const distance = distanceTo(word.toLowerCase(), name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

function distanceTo(word: string, name: string): number {
  const contained = word.length > 2 && name.includes(word);
  return Math.min(contained ? 2 : Infinity, editDistance(word, name));
}

/** Longest word compared: names from files can be of any length, and the cost is quadratic. */
const LONGEST = 64;

/** Levenshtein distance: least insertions, deletions and substitutions that turn a into b. */
export function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, LONGEST), b.slice(0, LONGEST)];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same));
    }
    row = next;
  }
  return row[to.length];
}

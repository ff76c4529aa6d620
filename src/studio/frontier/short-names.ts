/** As many letters as a name on the chart has. */
const LONGEST = 32;

/**
 * Names short enough for the chart. Of those that begin alike the beginning is left out, so that what tells them apart
 * stays: "… 4 bits" and "… 3 bits".
 */
export function shortNames(names: readonly string[]): Map<string, string> {
  const long = [...new Set(names)].filter(({ length }) => length > LONGEST);
  const words = new Map(long.map((name) => [name, name.split(' ')]));
  return new Map(names.map((name) => [name, shortName(name, words)]));
}

/** A name with its first words left out until it has room: its end says more than its beginning. */
export function endOf(name: string, hasRoom: (text: string) => boolean): string {
  const words = name.split(' ').filter((word) => word !== '…');
  const ends = words.slice(1).map((_, at) => `… ${words.slice(at + 1).join(' ')}`);
  return [name, ...ends].find(hasRoom) ?? ends.at(-1) ?? name;
}

function shortName(name: string, long: ReadonlyMap<string, readonly string[]>): string {
  const own = long.get(name);
  if (own === undefined) return name;
  const others = [...long].filter(([other]) => other !== name).map(([, words]) => words);
  const alike = Math.max(0, ...others.map((words) => sharedStart(own, words)));
  // Where one name is the beginning of the other, its end says at least what it is.
  let start = Math.min(alike, Math.max(0, own.length - 2));
  while (start > 0 && others.some((words) => endsAlike(words, own.slice(start)))) start -= 1;
  return cut(start === 0 ? name : `… ${own.slice(start).join(' ')}`);
}

function endsAlike(words: readonly string[], end: readonly string[]): boolean {
  return words.slice(-end.length).join(' ') === end.join(' ');
}

function sharedStart(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((word, at) => word !== b[at]);
  return differs < 0 ? a.length : differs;
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

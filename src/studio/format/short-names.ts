/** Names of tensors are paths; this is where they part. */
const SEPARATOR = /[./]/;

/**
 * Each name without what it shares with the others: the ending most of them have (`.weight`), and the beginning of
 * its group, or of most names where it is alone (`model.layers.3.`). What would become equal or empty stays whole.
 */
export function shortNames(groups: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const all = groups.flat();
  const ending = commonEnding(all);
  const beginning = commonBeginning(all.map(segments), all.length / 2);
  const short = new Map<string, string>();
  for (const group of groups) {
    const own = group.length > 1 ? commonBeginning(group.map(segments), group.length - 0.5) : [];
    const shorter = group.map((name) => {
      const kept = withoutBeginning(segments(name), own.length > 0 ? own : beginning);
      return withoutEnding(kept, ending).join('.');
    });
    const distinct = new Set(shorter).size === group.length;
    group.forEach((name, at) => short.set(name, distinct ? shorter[at] : name));
  }
  return short;
}

function segments(name: string): string[] {
  return name.split(SEPARATOR);
}

function commonEnding(names: readonly string[]): string | undefined {
  const count = new Map<string, number>();
  for (const name of names) {
    const parts = segments(name);
    const last = parts.at(-1);
    if (parts.length > 1 && last !== undefined) count.set(last, (count.get(last) ?? 0) + 1);
  }
  const [most] = [...count].sort(([, a], [, b]) => b - a);
  return most !== undefined && most[1] > 1 && most[1] > names.length / 2 ? most[0] : undefined;
}

/** The longest beginning that more than so many of the names have. */
function commonBeginning(names: readonly string[][], moreThan: number): string[] {
  const beginning: string[] = [];
  for (;;) {
    const at = beginning.length;
    const sharing = names.filter((name) => beginning.every((part, i) => name[i] === part));
    const count = new Map<string, number>();
    for (const name of sharing) {
      const next = name[at];
      if (name.length > at + 1) count.set(next, (count.get(next) ?? 0) + 1);
    }
    const [most] = [...count].sort(([, a], [, b]) => b - a);
    if (most === undefined || most[1] < 2 || most[1] <= moreThan) return beginning;
    beginning.push(most[0]);
  }
}

function withoutBeginning(name: readonly string[], beginning: readonly string[]): string[] {
  let shared = 0;
  while (
    shared < beginning.length &&
    shared < name.length - 1 &&
    name[shared] === beginning[shared]
  )
    shared += 1;
  return name.slice(shared);
}

function withoutEnding(name: readonly string[], ending: string | undefined): readonly string[] {
  return name.length > 1 && name.at(-1) === ending ? name.slice(0, -1) : name;
}

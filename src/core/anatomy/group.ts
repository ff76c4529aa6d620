/** Items by key, in order of first appearance. */
export function groupBy<K, T>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known) known.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** The most frequent item (the earliest of equals); undefined for none. */
export function mostFrequent<T>(items: Iterable<T>): T | undefined {
  let best: T | undefined;
  let count = 0;
  for (const [item, all] of groupBy(items, (one) => one)) {
    if (all.length > count) [best, count] = [item, all.length];
  }
  return best;
}

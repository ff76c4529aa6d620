/** Fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What all of them have, with equal values; lists count as one value. */
export function sharedOf(all: readonly Fields[]): Fields {
  const [first = {}] = all;
  const entries = Object.keys(first).flatMap((key): [string, unknown][] => {
    const values = all.map((fields) => fields[key]);
    if (values.every(isFields)) {
      const inner = sharedOf(values);
      return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    }
    return values.every((value) => value !== undefined && same(value, values[0]))
      ? [[key, values[0]]]
      : [];
  });
  return Object.fromEntries(entries);
}

/** `fields` without what {@link sharedOf} found in them. */
export function withoutShared(fields: Fields, shared: Fields): Fields {
  const entries = Object.entries(fields).flatMap(([key, value]): [string, unknown][] => {
    const common = shared[key];
    if (common === undefined) return [[key, value]];
    return isFields(value) && isFields(common) ? [[key, withoutShared(value, common)]] : [];
  });
  return Object.fromEntries(entries);
}

/** Puts the two together again. */
export function withShared(fields: Fields, shared: Fields): Fields {
  const merged: Record<string, unknown> = { ...shared, ...fields };
  for (const [key, common] of Object.entries(shared)) {
    const own = fields[key];
    if (isFields(common) && isFields(own)) merged[key] = withShared(own, common);
  }
  return merged;
}

/** Lists of ids in a `generation_config.json`. */
const LISTS = new Set(['suppress_tokens', 'begin_suppress_tokens']);

/** `bos_token_id`, `forced_eos_token_id` and their like, with one id or several. */
function isIdField(key: string): boolean {
  return key.endsWith('_token_id') || LISTS.has(key);
}

/** The ids of tokens that a configuration names, at any depth. */
export function idFieldsIn(config: unknown): number[] {
  if (!isRecord(config)) return [];
  return Object.entries(config).flatMap(([key, value]) =>
    isIdField(key)
      ? [value].flat().filter((id) => typeof id === 'number' && id >= 0)
      : idFieldsIn(value),
  ) as number[];
}

/**
 * The configuration in other ids: each id by `renumber` (lists lose those it does not know, a single one that it does
 * not know becomes null), and `vocab_size`, where it was `before`, by `after`. Other fields stay.
 */
export function withIds(
  config: unknown,
  renumber: (id: number) => number | undefined,
  [before, after]: readonly [number, number],
): unknown {
  if (!isRecord(config)) return config;
  const changed = Object.entries(config).map(([key, value]) => {
    if (key === 'vocab_size' && value === before) return [key, after] as const;
    return [
      key,
      isIdField(key) ? renumbered(value, renumber) : withIds(value, renumber, [before, after]),
    ] as const;
  });
  return Object.fromEntries(changed);
}

function renumbered(value: unknown, renumber: (id: number) => number | undefined): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((id: unknown) => (typeof id === 'number' ? (renumber(id) ?? []) : [id]));
  }
  // Negative ids stand for "none".
  return typeof value === 'number' && value >= 0 ? (renumber(value) ?? null) : value;
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

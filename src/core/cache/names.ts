import { wordsOf } from '../data/cache-input.ts';

/** Words that tell what was from what becomes of it, and not which cache it is. */
const DIRECTION = new Set(
  'past present cache kv in out input output new next updated update old prev previous current'.split(
    ' ',
  ),
);

/**
 * What the names of a past input and of the output that continues it have in common: `past_key_values.0.key` and
 * `present.0.key` (Optimum, transformers.js), `past_0` and `present_0`, `past_key_self_0` and `present_key_self_0`
 * (onnxruntime), `key_cache.0` and `new_key_cache.0`.
 */
export function cacheKey(name: string): string {
  const short = name.replace(/key_?values?(?=[._/]?\d|$)/i, '');
  return wordsOf(short)
    .filter((word) => !DIRECTION.has(word))
    .join('.');
}

/** The output that continues a past input: the only one of its key, or the one that says so. */
export function presentName(past: string, outputs: readonly string[]): string | undefined {
  const key = cacheKey(past);
  const alike = outputs.filter((name) => cacheKey(name) === key);
  if (alike.length === 1) return alike[0];
  const said = alike.filter((name) => wordsOf(name).includes('present'));
  return said.length === 1 ? said[0] : undefined;
}

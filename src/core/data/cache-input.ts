const CACHE_WORDS = ['past', 'cache', 'kv'];

/** Words that make an input a number about the cache, or a switch, rather than the cache itself. */
const NOT_A_CACHE =
  /^(pos(ition)?s?|len(gth)?s?|seq(uence)?|seqlens|mask|ids|use|branch|ind(ex|ices|irection)|num|size|offsets?)$/;

/** Words of a name: "past_key_values.0.key" → past, key, values, 0, key. */
export function wordsOf(name: string): string[] {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/([A-Za-z])(?=\d)/g, '$1 ');
  return spaced
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/**
 * Whether an input holds keys and values of earlier tokens, by the names that Optimum, transformers.js,
 * onnxruntime's own exporters and others give it ("past_key_values.0.key", "past_0", "key_cache.0").
 */
export function isCacheInput(name: string): boolean {
  const words = wordsOf(name);
  return (
    CACHE_WORDS.some((word) => words.includes(word)) &&
    !words.some((word) => NOT_A_CACHE.test(word))
  );
}

/** Whether a cache holds keys and values of the encoder's tokens, which stay as they are while a text grows. */
export function isCrossCache(name: string): boolean {
  const words = wordsOf(name);
  return words.includes('encoder') || words.includes('cross');
}

/**
 * Whether an input holds keys and values of earlier tokens, by the names that Optimum, transformers.js
 * and onnxruntime's own exporters give it ("past_key_values.0.key", "past_0").
 */
export function isCacheInput(name: string): boolean {
  return /^past(_key_values?)?[._]|^past_\d+$/.test(name);
}

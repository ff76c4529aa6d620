import type { Tokenizer } from './tokenizer.ts';

/**
 * Token ids of a text with the special tokens that the tokenizer puts around it, at most `length` in
 * all: of a longer text the end is left out, never the special tokens (as Hugging Face's `tokenizers`
 * truncates: on the right, before the post-processor).
 */
export function encodeWithin(tokenizer: Tokenizer, text: string, length: number): Int32Array {
  const whole = tokenizer.encode(text, { addSpecial: true });
  if (whole.length <= length) return Int32Array.from(whole);
  const own = tokenizer.encode(text);
  const added = whole.length - own.length;
  const before = startOf(own, whole);
  const room = Math.max(0, length - added);
  const behind = whole.slice(before + own.length);
  return Int32Array.from([...whole.slice(0, before), ...own.slice(0, room), ...behind]).slice(
    0,
    length,
  );
}

/** Where the text's own tokens begin among all. */
function startOf(own: readonly number[], whole: readonly number[]): number {
  for (let start = 0; start <= whole.length - own.length; start++) {
    if (own.every((id, k) => whole[start + k] === id)) return start;
  }
  return 0;
}

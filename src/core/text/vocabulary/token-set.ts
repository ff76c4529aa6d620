import { LatheError } from '../../errors/lathe-error.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Tokens that one character of a packed set stands for. */
const PER_CHARACTER = 6;

/**
 * Some of the tokens 0 … `size` − 1 as text: a bit each, six in a character of the URL-safe base64 alphabet, the first
 * token in the highest bit. Always ⌈size/6⌉ characters long, whichever tokens there are.
 */
export function packTokens(tokens: Iterable<number>, size: number): string {
  const sextets = new Uint8Array(Math.ceil(size / PER_CHARACTER));
  for (const token of tokens) {
    sextets[Math.floor(token / PER_CHARACTER)] |= 32 >> (token % PER_CHARACTER);
  }
  return Array.from(sextets, (sextet) => ALPHABET[sextet]).join('');
}

/**
 * What {@link packTokens} packed, ascending. Throws `tokens-of-another-model` when the text is of another size, or
 * holds none.
 */
export function unpackTokens(packed: string, size: number): Int32Array {
  const tokens: number[] = [];
  for (let token = 0; token < size; token++) {
    const sextet = ALPHABET.indexOf(packed[Math.floor(token / PER_CHARACTER)] ?? '');
    if (sextet >= 0 && sextet & (32 >> (token % PER_CHARACTER))) tokens.push(token);
  }
  if (packed.length === Math.ceil(size / PER_CHARACTER) && tokens.length > 0) {
    return Int32Array.from(tokens);
  }
  throw new LatheError(
    'tokens-of-another-model',
    `The tokens that were decided are of another vocabulary than the model's ${size}; clear "tokens" to decide again.`,
    { size },
  );
}

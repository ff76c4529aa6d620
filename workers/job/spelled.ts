import type { Tokenizer } from '../../src/core/text/tokenizer.ts';

/** Each token as the text it adds: decoding token by token would lose the spaces. */
export function spelled(
  tokenizer: Tokenizer,
  ids: readonly number[],
): { id: number; text: string }[] {
  let before = '';
  return ids.map((id, i) => {
    const whole = tokenizer.decode(ids.slice(0, i + 1));
    const text = whole.slice(before.length);
    before = whole;
    return { id, text };
  });
}

/** A token on its own, behind others: with the space it begins with, and special tokens by their names. */
export function oneToken(tokenizer: Tokenizer | undefined, before: number, id: number): string {
  if (tokenizer === undefined) return `#${id}`;
  const start = tokenizer.decode([before]);
  const text = tokenizer.decode([before, id]).slice(start.length);
  return text === '' ? (tokenizer.tokenText(id) ?? `#${id}`) : text;
}

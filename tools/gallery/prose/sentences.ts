import { splitWords } from '../tokenizer/byte-level.ts';
import type { Tokenizer } from '../../../src/core/text/tokenizer.ts';

/** A sentence with its tokens at the beginning of a text and inside it, behind a space. */
export interface Sentence {
  readonly text: string;
  readonly first: readonly number[];
  readonly inside: readonly number[];
}

/** Whole sentences; joined by spaces they are the text again, but for wider spaces between them. */
export function splitSentences(text: string): string[] {
  return text.split(/(?<=[.!?]["')\]]*)\s+(?=["'(\[]*[A-Z0-9])/).filter((s) => s !== '');
}

/**
 * The sentences of a text in tokens. Byte-level merges never cross the space between two words, so
 * the tokens of joined sentences are the joined tokens.
 */
export function tokenSentences(text: string, tokenizer: Tokenizer): Sentence[] {
  return splitSentences(text).map((sentence) => {
    const inside = tokenizer.encode(` ${sentence}`);
    const [word] = splitWords(sentence);
    const spaced = tokenizer.encode(` ${word}`).length;
    return { text: sentence, inside, first: [...tokenizer.encode(word), ...inside.slice(spaced)] };
  });
}

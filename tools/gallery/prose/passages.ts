import type { Sentence } from './sentences.ts';

/** Some whole sentences, short enough to be read at once. */
export interface Passage {
  readonly text: string;
  /** The start token, then those of the text. */
  readonly ids: readonly number[];
}

/**
 * Cuts the sentences of a text into passages of at most `most` tokens (start token included), as
 * many sentences in each as fit. A sentence that is longer by itself is left out.
 */
export function passagesOf(sentences: readonly Sentence[], most: number, bos: number): Passage[] {
  const passages: Passage[] = [];
  let current: Passage | undefined;
  for (const sentence of sentences) {
    const longer = current && {
      text: `${current.text} ${sentence.text}`,
      ids: [...current.ids, ...sentence.inside],
    };
    if (longer && longer.ids.length <= most) {
      current = longer;
      continue;
    }
    if (current) passages.push(current);
    const alone = { text: sentence.text, ids: [bos, ...sentence.first] };
    current = alone.ids.length <= most ? alone : undefined;
  }
  return current ? [...passages, current] : passages;
}

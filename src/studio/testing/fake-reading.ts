import type { ReadQuestion, Reading, Tagging } from '../../../workers/protocol.ts';

const WORDS =
  ' there was a little girl named Lily . She loved to play outside in the park with her mom and'.split(
    /(?= )/,
  );

/** A text that two made-up models read, now and then far apart. */
export function fakeReading(question: ReadQuestion): Reading {
  const words = question.text?.split(/(?= )/) ?? Array.from({ length: 6 }, () => WORDS).flat();
  const tokens = words.map((text, id) => {
    const kl = 10 ** (3 * Math.sin(id * 1.7) - 3);
    const expectation = (probability: number) => ({
      probability,
      top: [
        { id, text, probability },
        { id: id + 1, text: ' big', probability: probability / 2 },
        { id: id + 2, text: ' red', probability: probability / 4 },
      ],
    });
    if (id === 0) return { id, text };
    return { id, text, predicted: { kl, left: expectation(0.55), right: expectation(0.42) } };
  });
  const n = tokens.length - 1;
  return {
    tokens,
    kl: { value: 0.051, standardError: 0.006, n },
    sameTop1: { value: 0.93, standardError: 0.02, n },
    cut: question.text === undefined,
  };
}

/** Words with a capital are people, but for the other model now and then. */
export function fakeTagging(text: string): Tagging {
  const tokens = text.split(/(?= )/).map((word, at) => {
    const left = { label: /^ ?[A-Z]/.test(word) ? 'B-PER' : 'O', probability: 0.93 };
    return { text: word, left, right: at % 5 === 3 ? { label: 'O', probability: 0.51 } : left };
  });
  return { tokens, spans: true, cut: false };
}

import { describe, expect, it } from 'vitest';
import { noiseReason } from './noise.ts';

const metric = (value: number, standardError = 0.01) => ({ value, standardError, n: 50 });

describe('answers that are noise', () => {
  it.each([
    [
      'a perplexity of guessing',
      { perplexity: metric(12) },
      { perplexity: metric(2900) },
      'its perplexity is 2900, no better than guessing among 2048 tokens',
    ],
    [
      'a perplexity that is none',
      {},
      { perplexity: metric(NaN) },
      'its perplexity is not a number, no better than guessing among 2048 tokens',
    ],
    [
      'an accuracy of guessing',
      { accuracy: metric(0.9) },
      { accuracy: metric(0.51) },
      'its accuracy is 0.51, no better than guessing among 2 labels',
    ],
    [
      'unrelated vectors',
      {},
      { cosine: metric(-0.012) },
      "its vectors have a cosine of -0.012 to the original's, as if they had nothing to do with them",
    ],
    [
      'outputs as far as none',
      {},
      { relativeError: metric(1.4) },
      "its outputs are as far from the original's (relative error 1.4) as no answer would be",
    ],
  ])('are told by %s', (_, original, model, reason) => {
    expect(noiseReason(original, model, { vocabulary: 2048, classes: 2 })).toBe(reason);
  });

  it('are not told by what is only worse, or where the original guesses too', () => {
    const chance = { vocabulary: 2048, classes: 2 };
    const worse = {
      perplexity: metric(900),
      accuracy: metric(0.6),
      cosine: metric(0.3),
      relativeError: metric(0.9),
    };
    expect(noiseReason({ perplexity: metric(12), accuracy: metric(0.9) }, worse, chance)).toBe(
      undefined,
    );
    expect(noiseReason({ accuracy: metric(0.5) }, { accuracy: metric(0.5) }, chance)).toBe(
      undefined,
    );
  });
});

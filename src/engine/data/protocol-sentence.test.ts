import { expect, it } from 'vitest';
import { protocolSentence } from './evaluation.ts';

const stopped = { done: 20, of: 60 };

it.each([
  [
    '60 documents, each cut off at 512 tokens; 14144 tokens scored; errors by document',
    '20 of 60 documents, each cut off at 512 tokens; 4711 tokens scored; errors by document; measuring was ended early',
  ],
  [
    '2000 examples with labels; errors by example',
    '20 of 2000 examples with labels; errors by example; measuring was ended early',
  ],
  [
    '40 made-up inputs (seed 1): how far outputs moved, not how good they are',
    '20 of 40 made-up inputs (seed 1): how far outputs moved, not how good they are; measuring was ended early',
  ],
])('says how many of how many were measured: %s', (protocol, ended) => {
  expect(protocolSentence({ protocol }, { n: 4711 })).toBe(protocol);
  expect(protocolSentence({ protocol }, { n: 4711, stopped })).toBe(ended);
});

it('says both where another decoder began', () => {
  const primer = { path: 'decoder_model.onnx', model: () => Promise.reject(new Error('unused')) };
  const protocol = '60 documents; 900 tokens scored; errors by document';
  expect(protocolSentence({ protocol, primer }, { n: 300, stopped, primed: true })).toBe(
    '20 of 60 documents; 300 tokens scored; errors by document; measuring was ended early; the first score of each left out, "decoder_model.onnx" made the cache it starts from',
  );
});

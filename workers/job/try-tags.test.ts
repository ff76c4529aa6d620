import { expect, it } from 'vitest';
import { TAGS, taggerFolder } from '../../test/support/tiny-tagger.ts';
import { openModel } from '../../src/engine/model/open.ts';
import type { Tokenizer } from '../../src/core/text/tokenizer.ts';
import { createNodeRuntime } from '../../src/runtime/ort-node.ts';
import { runLogits } from '../../src/runtime/evaluate/logits.ts';
import { languageFeeds } from '../../src/runtime/feeds.ts';
import { tagText } from './try-tags.ts';

/** A token per letter, the first letter of the alphabet is 0, between two special tokens. */
const LETTERS: Tokenizer = {
  vocabularySize: 24,
  encode: (text, { addSpecial = false } = {}) => {
    const own = Array.from(text, (letter) => letter.charCodeAt(0) - 97);
    return addSpecial ? [22, ...own, 23] : own;
  },
  decode: (ids) =>
    ids
      .filter((id) => id < 22)
      .map((id) => String.fromCharCode(97 + id))
      .join(''),
  tokenText: (id) => `<${id}>`,
};

it('gives each token of a text the class that each model finds likeliest', async () => {
  const open = { ...(await openModel(await taggerFolder())), tokenizer: LETTERS };
  const runtime = await createNodeRuntime({ threads: 1 });
  const session = await runtime.open(open.model);
  const pair = { left: session, right: session };
  const { tokens, spans, cut } = await tagText(open, pair, 'badge');
  expect(tokens.map(({ text }) => text).join('')).toBe('badge');
  expect([spans, cut]).toEqual([true, false]);
  const feeds = languageFeeds(session.inputs, { windows: [Int32Array.of(22, 1, 0, 3, 6, 4, 23)] });
  const { values } = await runLogits(session, feeds, 'logits');
  tokens.forEach(({ left, right }, at) => {
    const row = Array.from(values.subarray((at + 1) * 3, (at + 2) * 3));
    expect(left.label).toBe(TAGS[row.indexOf(Math.max(...row))]);
    expect(left.probability).toBeGreaterThan(1 / 3);
    expect(right).toEqual(left);
  });
  await expect(tagText(open, pair, ' ')).rejects.toThrow(
    'There is no text; type one to see which class it is in.',
  );
});

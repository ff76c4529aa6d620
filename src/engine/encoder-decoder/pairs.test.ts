import { describe, expect, it } from 'vitest';
import { speechPairs, tinyPairFolder, wordPairs } from '../../../test/support/tiny-pair.ts';
import type { ExampleDataset } from '../../core/data/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { makeValue } from '../../runtime/values.ts';
import { openModel } from '../model/open.ts';
import { sequencePairs } from './pairs.ts';
import { targetTokens } from './ends.ts';

const text = await openModel(await tinyPairFolder({ source: 'text', opened: 'decoder' }));
const speech = await openModel(await tinyPairFolder({ source: 'speech', opened: 'decoder' }));

/** Rows of whole numbers as an array. */
function rows(...given: number[][]) {
  return makeValue(DataType.int64, [given.length, given[0].length], (i) => given.flat()[i]);
}

function labels(...given: number[][]) {
  return { width: given[0].length, values: Int32Array.from(given.flat()) };
}

function examples(dataset: Partial<ExampleDataset>): ExampleDataset {
  const [{ dims } = { dims: [1] }] = Object.values(dataset.arrays ?? {});
  return { kind: 'examples', name: 'a.npz', count: dims[0], arrays: {}, ...dataset };
}

describe('pairs for an encoder-decoder', () => {
  it('are texts in its tokens: the source ends, the target begins and ends', async () => {
    const pairs = { kind: 'pairs', name: 'p.tsv', sources: ['w5 w6'], targets: ['w7 w8'] } as const;
    const found = await sequencePairs(text, pairs);
    expect(found?.pairs).toEqual([
      {
        source: { kind: 'tokens', ids: Int32Array.of(5, 6, 1) },
        window: { ids: Int32Array.of(0, 7, 8, 1), firstCounted: 1, document: 0 },
      },
    ]);
    const [cut] = (await sequencePairs(text, pairs, 3))?.pairs ?? [];
    expect(cut?.window.ids).toEqual(Int32Array.of(0, 7, 8));
  });

  it('begin with what the configuration forces, which is given and not predicted', async () => {
    const { tokenizer } = text;
    if (tokenizer === undefined) throw new Error('the fixture has a tokenizer');
    const found = targetTokens(tokenizer, 'w7', { start: 2, prompt: [3, 4], end: 1 }, 9);
    expect(found).toEqual({ ids: Int32Array.of(2, 3, 4, 7, 1), given: 3 });
  });

  it.each([
    ['labels', { positionLabels: labels([7, 8, 1], [9, 1, -100]) }],
    [
      'the decoder\u2019s tokens and labels',
      {
        decoder: rows([0, 7, 8], [0, 9, 0]),
        positionLabels: labels([7, 8, 1], [9, 1, -100]),
      },
    ],
    ['the decoder\u2019s tokens', { decoder: rows([0, 7, 8, 1], [0, 9, 1, 0]) }],
  ])(
    'are arrays: %s',
    async (
      _,
      {
        decoder,
        positionLabels,
      }: {
        decoder?: ReturnType<typeof rows>;
        positionLabels?: ReturnType<typeof labels>;
      },
    ) => {
      const mask = rows([1, 1, 1], [1, 1, 0]);
      const arrays = {
        ...{ input_ids: rows([5, 6, 1], [5, 1, 0]), attention_mask: mask },
        ...(decoder && { decoder_input_ids: decoder }),
      };
      const found = await sequencePairs(
        text,
        examples({ arrays, ...(positionLabels && { positionLabels }) }),
      );
      expect(found?.pairs.map(({ window }) => [...window.ids])).toEqual([
        [0, 7, 8, 1],
        [0, 9, 1],
      ]);
      expect(found?.pairs.map(({ source }) => source)).toEqual([
        { kind: 'tokens', ids: Int32Array.of(5, 6, 1) },
        { kind: 'tokens', ids: Int32Array.of(5, 1) },
      ]);
    },
  );

  it('are features with the tokens they stand for', async () => {
    const found = await sequencePairs(speech, speechPairs(3, 6));
    expect(found?.pairs).toHaveLength(3);
    const { source } = found?.pairs[1] ?? {};
    expect(source?.kind === 'arrays' && Object.keys(source.arrays)).toEqual(['input_features']);
  });

  it('refuses labels that are not the next tokens, or leave out what the decoder is told', async () => {
    const input_ids = rows([5, 6, 1]);
    const shifted = examples({
      arrays: { input_ids, decoder_input_ids: rows([0, 7, 8]) },
      positionLabels: labels([0, 7, 8]),
    });
    await expect(sequencePairs(text, shifted)).rejects.toThrow(
      'The labels of example 1 in "a.npz" are not its next tokens (position 1), so the decoder would be scored on what it was not told; give as labels the decoder\'s tokens one place on, or leave one of the two arrays out.',
    );
    const holes = examples({ arrays: { input_ids }, positionLabels: labels([-100, 7, 8]) });
    await expect(sequencePairs(text, holes)).rejects.toThrow(
      'The labels of example 1 in "a.npz" leave out tokens (-100) in front of others, so what the decoder is told there is not known; add an array "decoder_input_ids".',
    );
  });

  it('says what is missing to read them', async () => {
    const bare = await openModel(
      await tinyPairFolder({ source: 'text', opened: 'decoder', config: { vocab_size: 40 } }),
    );
    const { tokenizer, ...rest } = bare;
    const unknown = {
      ...rest,
      ...(tokenizer && { tokenizer: { ...tokenizer, bos: undefined, pad: undefined } }),
    };
    await expect(sequencePairs(unknown, wordPairs(2))).rejects.toThrow(
      'Nothing says which token the targets of "tiny-pair" begin with; put the config.json that was saved with the model (it holds decoder_start_token_id) into its folder.',
    );
    const one = { kind: 'pairs', name: 'p.tsv', sources: ['w5'], targets: [''] } as const;
    const endless = {
      ...unknown,
      config: { decoder_start_token_id: 0 },
      ...(tokenizer && { tokenizer: { ...tokenizer, eos: undefined } }),
    };
    await expect(sequencePairs(endless, one)).rejects.toThrow(
      'No target in "p.tsv" has a token to predict; give targets of at least one token behind the start token.',
    );
  });
});

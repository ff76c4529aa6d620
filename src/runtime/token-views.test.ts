import { describe, expect, it } from 'vitest';
import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import {
  dataTokens,
  ownTokens,
  scoringTokens,
  takingTokens,
  withAllTokens,
} from './token-views.ts';
import type { Session } from './types.ts';

const kept = { columns: Int32Array.of(1, 3, 4), size: 5 };
const ids = (...values: number[]): Value => ({
  ...{ dataType: DataType.int64, dims: [1, values.length] },
  data: BigInt64Array.from(values, BigInt),
});
const inputs = [{ name: 'input_ids', dataType: DataType.int64, dims: ['b', 's'] }];

/** Gives its ids back, and scores 0, 1, 2 … of each. */
function echo(tokens: number): Session {
  const scores = (count: number): Value => ({
    ...{ dataType: DataType.float32, dims: [1, count, tokens] },
    data: Float32Array.from({ length: count * tokens }, (_, at) => at),
  });
  return {
    inputs,
    outputs: [],
    run: async ({ input_ids }) => ({ input_ids, logits: scores(input_ids.data.length) }),
    runOnDevice: async (feeds) => {
      const given = feeds['input_ids'] as Value;
      const value = scores(given.data.length);
      return { logits: { read: async () => value, dispose: () => undefined } };
    },
    release: async () => undefined,
  };
}

describe('a model that keeps tokens 1, 3 and 4 of five', () => {
  it('takes the tokens of the whole one', async () => {
    const { input_ids, logits } = await takingTokens(echo(3), kept).run({
      input_ids: ids(3, 1, 4),
    });
    expect(input_ids).toEqual(ids(1, 0, 2));
    expect(logits.dims).toEqual([1, 3, 3]);
    await expect(takingTokens(echo(3), kept).run({ input_ids: ids(2) })).rejects.toThrow(
      'The data holds the token 2, which is not among the 3 the model keeps; cut the data with the tokenizer that was written with the model.',
    );
  });

  it('scores all of them, also on a device: those it lacks at −∞', async () => {
    const whole = withAllTokens(echo(3), kept);
    const expected = [-Infinity, 0, -Infinity, 1, 2, -Infinity, 3, -Infinity, 4, 5];
    const { logits } = await whole.run({ input_ids: ids(4, 1) });
    expect([logits.dims, [...logits.data]]).toEqual([[1, 2, 5], expected]);
    const on = await whole.runOnDevice({ input_ids: ids(4, 1) });
    expect([...(await on['logits'].read()).data]).toEqual(expected);
  });

  it('is what the whole one is compared on', async () => {
    const { logits, input_ids } = await scoringTokens(echo(5), kept).run({ input_ids: ids(2) });
    expect([logits.dims, [...logits.data], input_ids]).toEqual([[1, 1, 3], [1, 3, 4], ids(2)]);
  });

  it('has its inputs in one and the other', () => {
    const feeds = { input_ids: ids(4, 3), attention_mask: ids(1, 1) };
    const own = ownTokens(inputs, kept)(feeds);
    expect(own).toEqual({ input_ids: ids(2, 1), attention_mask: ids(1, 1) });
    expect(dataTokens(inputs, kept)(own)).toEqual(feeds);
  });
});

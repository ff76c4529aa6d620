import { expect, it } from 'vitest';
import { sampleModel } from '../../../test/support/sample.ts';
import { openModel } from '../model/open.ts';
import { latencyInputs } from './latency-inputs.ts';

it('gives a short and a long input of tokens, at most as long as the window', async () => {
  const stories = await openModel(await sampleModel('stories'));
  const { short, long } = latencyInputs(stories);
  expect([short?.tokens, long?.tokens]).toEqual([16, 256]);
  expect(Object.values(long?.feeds ?? {}).map(({ dims }) => dims.at(-1))).toContain(256);
  const narrow = { ...stories, config: { ...stories.config, max_position_embeddings: 12 } };
  expect(latencyInputs(narrow).short?.tokens).toBe(12);
  expect(latencyInputs(narrow).long).toBeUndefined();
});

it('gives none to a model that reads no tokens', async () => {
  expect(latencyInputs(await openModel(await sampleModel('digits')))).toEqual({});
});

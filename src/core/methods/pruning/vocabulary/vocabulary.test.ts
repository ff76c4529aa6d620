import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { runModel } from '../../../../../test/support/run-model.ts';
import type { Value } from '../../../tensor/values.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { fillHoles, requireFilled } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import { packTokens } from '../../../text/vocabulary/token-set.ts';
import type { Ground } from '../../contract.ts';
import { meta } from './meta.ts';
import { vocabulary } from './vocabulary.ts';

const groundOf = (model: Model): Ground => ({ model, anatomy: recognise(model), original: model });

/** Every id the fixture is fed, and every third other one. */
function keptOf(size: number, ids: Iterable<number>): number[] {
  const fed = new Set(ids);
  return Array.from({ length: size }, (_, id) => id).filter((id) => fed.has(id) || id % 3 === 0);
}

async function cut(ground: Ground, kept: readonly number[]) {
  const size = ground.anatomy.vocabularySize ?? 0;
  const options = meta.options.parse({ tokens: packTokens(kept, size), unseen: 2 });
  const plan = await vocabulary.plan(ground, ground.anatomy.layers, options, firstStep);
  let model = plan.model;
  for (const work of plan.work) {
    if (work.kind === 'fill') {
      model = fillHoles(model, await work.fill(ground, nothingSeen, context));
    }
  }
  requireFilled(model);
  return { plan, model };
}

const isId = (name: string) => /ids$/.test(name) && !/position|type/.test(name);

/** Scores of the kept tokens, where a value has one per token. */
function atKept(value: Value, size: number, kept: readonly number[]): number[] {
  const all = Array.from(value.data, Number);
  if (value.dims.at(-1) !== size) return all;
  return all.filter((_, at) => kept.includes(at % size));
}

const readingTokens = layoutFixtures.filter(({ name }) => /gpt2|opt|llama|bert/i.test(name));

describe('a smaller vocabulary', () => {
  it.each(readingTokens.map((fixture) => [fixture.name, fixture] as const))(
    'of %s scores the kept tokens as before',
    async (_, { model: make, feeds }) => {
      const model = make();
      const ground = groundOf(model);
      const size = ground.anatomy.vocabularySize ?? 0;
      const whole = feedsOf(model, feeds);
      const [, ids] = Object.entries(whole).find(([name]) => isId(name)) ?? [];
      const kept = keptOf(size, Array.from(ids?.data ?? [], Number));
      expect(kept.length).toBeLessThan(size);
      const { model: smaller, plan } = await cut(ground, kept);
      const own = Object.fromEntries(
        Object.entries(whole).map(([name, value]) => [
          name,
          isId(name) ? inOwn(value, kept) : value,
        ]),
      );
      const [before, after] = [await runModel(model, whole), await runModel(smaller, own)];
      for (const [name, value] of after) {
        const was = before.get(name);
        const expected = was ? atKept(was, size, kept) : [];
        expect(value.data).toHaveLength(expected.length);
        expected.forEach((x, at) =>
          expect(Math.abs(Number(value.data[at]) - x)).toBeLessThan(1e-5),
        );
      }
      const again = recognise(smaller);
      expect([again.vocabularySize, again.layout]).toEqual([kept.length, ground.anatomy.layout]);
      expect(plan.anatomy?.layers.map(({ outFeatures }) => outFeatures)).toEqual(
        again.layers.map(({ outFeatures }) => outFeatures),
      );
      for (const { bytesBefore, bytesAfter } of plan.lines) {
        expect(bytesAfter * size).toBe(bytesBefore * kept.length);
      }
    },
  );

  it.each([
    [
      /vit/i,
      'No table of tokens was recognised in this model, so there is no vocabulary to cut; leave this step out.',
    ],
    [
      /whisper|t5/i,
      'This model is part of an encoder-decoder, whose two sides read the same tokens from files of their own, and both would have to be cut alike; leave this step out.',
    ],
  ])('of %s is refused', async (name, sentence) => {
    const fixtures = layoutFixtures.filter((fixture) => name.test(fixture.name));
    expect(fixtures.length).toBeGreaterThan(0);
    for (const { model } of fixtures) {
      const ground = groundOf(model());
      const options = meta.options.parse({});
      await expect(vocabulary.plan(ground, [], options, firstStep)).rejects.toThrow(sentence);
    }
  });

  it('says what is left, and refuses what would change nothing or was decided elsewhere', async () => {
    const ground = groundOf(readingTokens[0].model());
    const size = ground.anatomy.vocabularySize ?? 0;
    const { plan } = await cut(ground, [0, 1, 2, 3, 4]);
    expect(plan.warnings).toEqual([
      `5 of ${size} tokens stay, 2 of which the calibration text does not hold: special tokens, those that spell any text, and what kept ones are merged from. Texts are read with the tokenizer that is written beside the model.`,
    ]);
    const all = Array.from({ length: size }, (_, id) => id);
    await expect(cut(ground, all)).rejects.toThrow(
      `All ${size} tokens are needed, by the calibration text or to spell any other, so none can be taken out; lower the coverage, or leave this step out.`,
    );
    const options = meta.options.parse({ tokens: 'A' });
    await expect(vocabulary.plan(ground, [], options, firstStep)).rejects.toThrow(
      `The tokens that were decided are of another vocabulary than the model's ${size}; clear "tokens" to decide again.`,
    );
  });
});

function inOwn(value: Value, kept: readonly number[]): Value {
  const data = BigInt64Array.from(value.data, (id) => BigInt(kept.indexOf(Number(id))));
  return value.data instanceof BigInt64Array
    ? { ...value, data }
    : { ...value, data: Int32Array.from(data, Number) };
}

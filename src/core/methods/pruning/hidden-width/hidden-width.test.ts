import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { fillHoles, requireFilled } from '../../../onnx/fill.ts';
import { sizeOfModel } from '../../../../../test/support/model-size.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Moments } from '../../../statistics/moments/moments.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Ground } from '../../contract.ts';
import { hiddenWidth } from './hidden-width.ts';
import { meta, type options as schema } from './meta.ts';
import type { z } from 'zod';

const groundOf = (model: Model): Ground => ({ model, anatomy: recognise(model), original: model });
const pre = layoutFixtures.filter(({ name }) => /gpt2|opt|llama|vit/i.test(name));

/** Moments of `width` columns that prefer no direction of the axes. */
function seenOf(width: number): Seen {
  const rows = 3 * width;
  const x = Float32Array.from({ length: rows * width }, (_, k) => Math.sin(12.9898 * (k + 1)));
  const values = new Float32Array(width * width);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) values[i * width + j] += x[r * width + i] * x[r * width + j];
    }
  }
  const moments: Moments = { rows, columns: width, values };
  return { at: (_, take) => (take === 'moments' ? moments : undefined) as never };
}

/** The initializer that is embedding and output head in one. */
function tiedTable(model: Model) {
  const { layers } = recognise(model);
  const [table, head] = (['embedding', 'output-head'] as const).map(
    (role) => layers.find((layer) => layer.role === role)?.weight,
  );
  return table !== undefined && table === head
    ? model.graph.initializers.find(({ name }) => name === table)
    : undefined;
}

type Options = Partial<z.infer<typeof schema>>;

async function cut(model: Model, given: Options) {
  const ground = groundOf(model);
  const options = meta.options.parse({ multiple: 1, ...given });
  const plan = await hiddenWidth.plan(ground, ground.anatomy.layers, options, firstStep);
  let made = plan.model;
  for (const work of plan.work) {
    if (work.kind !== 'fill') continue;
    made = fillHoles(
      made,
      await work.fill(ground, seenOf(ground.anatomy.hiddenSize ?? 0), context),
    );
  }
  requireFilled(made);
  return { plan, model: made, ground };
}

describe('a turned residual stream', () => {
  it.each(pre.map((fixture) => [fixture.name, fixture] as const))(
    'of %s, not cut, is the same function, and the model is still recognised',
    async (_, { model: make, feeds }) => {
      const model = make();
      const { model: turned, ground } = await cut(model, { ratio: 0 });
      const given = feedsOf(model, feeds);
      const [before, after] = [await runModel(model, given), await runModel(turned, given)];
      for (const [name, value] of before)
        expect(distance(value, after.get(name))).toBeLessThan(1e-4);
      const again = recognise(turned);
      const { anatomy } = ground;
      expect([again.hiddenSize, again.blocks.length]).toEqual([
        anatomy.hiddenSize,
        anatomy.blocks.length,
      ]);
    },
  );

  it.each(pre.map((fixture) => [fixture.name, fixture] as const))(
    'of %s, cut, runs with the columns that are left',
    async (_, { model: make, feeds }) => {
      const model = make();
      const { model: narrow, plan, ground } = await cut(model, { ratio: 0.25 });
      const width = Math.round(0.75 * (ground.anatomy.hiddenSize ?? 0));
      expect(plan.anatomy?.hiddenSize).toBe(width);
      expect(plan.anatomy?.blocks.map(({ heads, headSize }) => [heads, headSize])).toEqual(
        ground.anatomy.blocks.map(({ heads, headSize }) => [heads, headSize]),
      );
      const given = feedsOf(model, feeds);
      const [before, after] = [await runModel(model, given), await runModel(narrow, given)];
      for (const [name, value] of before) expect(after.get(name)?.dims).toEqual(value.dims);
      expect(sizeOfModel(narrow)).toBeLessThan(sizeOfModel(model));
    },
  );

  const tied = pre.filter(({ model }) => tiedTable(model()) !== undefined);

  it.each(tied.map((fixture) => [fixture.name, fixture] as const))(
    'of %s keeps one table for embedding and head',
    async (_, { model: make }) => {
      const model = make();
      const before = tiedTable(model);
      const { model: narrow, plan } = await cut(model, { ratio: 0.25 });
      const after = tiedTable(narrow);
      expect(after?.name).toBe(before?.name);
      expect(after?.dims).not.toEqual(before?.dims);
      expect(plan.warnings).toEqual([]);
    },
  );

  it('has such tables to be tried on', () => {
    expect(tied.length).toBeGreaterThan(0);
  });

  it.each([
    [
      /^(whisper|t5)/i,
      'This model is part of an encoder-decoder, whose two streams are as wide as one configuration says, so neither can be cut alone; leave this step out.',
    ],
    [
      /^bert/i,
      /^In this model a norm lies on the residual stream itself \(".+", post-norm as in BERT\), so the stream cannot be turned without changing what the norm gives; cut heads or neurons instead\.$/,
    ],
  ])('of %s is refused', async (name, sentence) => {
    const fixtures = layoutFixtures.filter((fixture) => name.test(fixture.name));
    expect(fixtures.length).toBeGreaterThan(0);
    for (const { model } of fixtures) await expect(cut(model(), {})).rejects.toThrow(sentence);
  });

  it('of a width that rounds to itself is refused', async () => {
    await expect(cut(pre[0].model(), { ratio: 0.1, multiple: 32 })).rejects.toThrow(
      /^10 % of the \d+ columns are less than half of a multiple of 32, so none would go; raise the ratio or lower the multiple\.$/,
    );
  });
});

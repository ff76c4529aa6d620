import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { madeOracle } from '../../../../../test/support/measured.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { fillHoles, requireFilled } from '../../../onnx/fill.ts';
import { weightsOf } from '../../../onnx/size.ts';
import type { Model } from '../../../onnx/types.ts';
import { encodedLength } from '../../../onnx/write.ts';
import { options as schema, type UnevenWidthsOptions } from './meta.ts';
import { unevenWidths } from './uneven-widths.ts';

const found = layoutFixtures.find(({ name }) => name === 'gpt2 plain, opset 13');
if (found === undefined) throw new Error('There is no such fixture.');
const model = found.model();
const { layers } = recognise(model);
const groundOf = (own: Model) => ({ model: own, anatomy: recognise(own), original: own });

/** By norms alone: these are made up. */
const BY_NORMS = { score: 'activation', compensation: 'none' } as const;
const planned = (given: Partial<UnevenWidthsOptions>, own = model) => {
  const ground = groundOf(own);
  const options = schema.parse({ ...BY_NORMS, ...given });
  return unevenWidths.plan(ground, ground.anatomy.layers, options, firstStep);
};

async function decided(
  given: Partial<UnevenWidthsOptions>,
  norms?: (value: string, columns: number) => Float32Array,
) {
  const { ask } = madeOracle<UnevenWidthsOptions>(() => 0, norms);
  const options = schema.parse({ ...BY_NORMS, ...given });
  return unevenWidths.decide?.(groundOf(model), layers, options, ask);
}

const readers = layers.filter(({ role }) => role === 'attention-output' || role === 'down');

/** The share of the bytes of all that can go that a plan removes. */
async function goneShare(given: Partial<UnevenWidthsOptions>): Promise<number> {
  const blocks = layers.filter(({ block }) => block !== undefined).map(({ weight }) => weight);
  const bytes = (own: Model) =>
    weightsOf(own)
      .tensors.filter(({ name }) => blocks.includes(name))
      .reduce((sum, tensor) => sum + tensor.bytes, 0);
  return 1 - bytes((await planned(given)).model) / bytes(model);
}

describe('uneven-widths', () => {
  it('takes the share of the bytes, from heads and neurons together', async () => {
    const answer = await decided({ ratio: 0.3 });
    expect(Object.keys(answer?.widths ?? {}).sort()).toEqual(
      readers.map(({ name }) => name).sort(),
    );
    expect(await goneShare({ ...answer })).toBeGreaterThan(0.29);
    expect(await goneShare({ ...answer })).toBeLessThan(0.36);
  });

  it('takes more where more is far below its layer’s mean', async () => {
    const [first, second] = layers.filter(({ role }) => role === 'down');
    // In the first, half of the neurons are silent; in the second, one is and the others are alike.
    const norms = (value: string, columns: number) =>
      Float32Array.from({ length: columns }, (_, j) => {
        if (value === first.input) return j < columns / 2 ? 0 : 1;
        return value === second.input ? 1 + Number(j > 0) / 1e3 : 1 + j / columns;
      });
    const answer = await decided({ ratio: 0.2 }, norms);
    const [a, b] = [first, second].map(({ name }) => answer?.widths?.[name] ?? 0);
    expect(a).toBeLessThan(b);
  });

  it('forecasts at most before, and exactly when it is decided', async () => {
    const before = await planned({ ratio: 0.3 });
    expect(before.undecided).toBeGreaterThan(0);
    const answer = await decided({ ratio: 0.3 });
    const plan = await planned({ ...answer });
    expect(plan.atMost).toBeUndefined();
    expect(encodedLength(plan.model)).toBeLessThanOrEqual(encodedLength(before.model));
    const [work] = plan.work;
    if (work.kind !== 'fill') throw new Error('nothing is filled');
    const seen = await madeOracle(() => 0).ask.seen(work.look ?? []);
    const filled = fillHoles(plan.model, await work.fill(groundOf(model), seen, context));
    requireFilled(filled);
    expect(encodedLength(filled)).toBe(encodedLength(plan.model));
    expect(
      await unevenWidths.decide?.(
        groundOf(model),
        layers,
        schema.parse(answer),
        madeOracle<UnevenWidthsOptions>(() => 0).ask,
      ),
    ).toBeUndefined();
  });

  it('says what comes out, and what the decision does not know', async () => {
    const answer = await decided({ ratio: 0.3 });
    const [[name], ...rest] = Object.entries(answer?.widths ?? {});
    const plan = await planned({ widths: Object.fromEntries(rest) });
    expect(plan.skipped).toContainEqual({
      name,
      reason: `"${name}" was not there when the widths were decided, so it was left as it is; clear "widths" to decide again.`,
    });
    expect(plan.warnings?.[0]).toMatch(
      /^The blocks come out with unequal numbers of heads and neurons\./,
    );
  });

  it('refuses in words', async () => {
    await expect(planned({}, oneLayerModel('MatMul', 8, 32).model)).rejects.toThrow(
      'No heads and no feed-forward neurons that can be cut were found among the chosen layers, so there is nothing to rank; prune layers one by one instead.',
    );
    await expect(decided({ ratio: 0.95 })).rejects.toThrow(
      /^A ratio of 0\.95 would leave some attention without heads or some feed-forward part without neurons: with one left of each, 0\.\d{3} of their bytes is gone; choose a smaller ratio\.$/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { allMetas } from '../../../../core/methods/catalog.ts';
import { decidedOptions, optionsForm } from '../../../../core/methods/options-form.ts';
import { planRecipe } from '../../../../core/recipe/plan.ts';
import { parseRecipe } from '../../../../core/recipe/schema.ts';
import type { Step } from '../../../../core/recipe/types.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { cutAlready, NOTHING_CHOSEN, withBlock, withCut, withHead } from './cut-steps.ts';

const { model, anatomy } = storiesModel();
const CARDS = allMetas().map((meta) => ({
  ...meta,
  fields: optionsForm(meta),
  decided: decidedOptions(meta),
}));
const ROUND: Step = { method: 'round-to-nearest', target: 'all', options: { bits: 8 } };
const block = (index: number) => ({ stack: 'decoder' as const, index });

describe('cutting what is chosen', () => {
  it('makes steps that plan exactly that, before all others', async () => {
    const { heads = 0, keyValueHeads = 1 } = anatomy.blocks[0];
    const each = heads / keyValueHeads;
    expect(each).toBeGreaterThan(1);
    const choice = withBlock(withHead(NOTHING_CHOSEN, anatomy.blocks[2], heads - 1), block(1));
    const steps = withCut([ROUND], choice, anatomy, CARDS);
    expect(steps).toHaveLength(3);
    expect(steps[2]).toBe(ROUND);
    const plan = await planRecipe(model, anatomy, parseRecipe({ version: 1, steps }));
    expect(plan.problems).toEqual([]);
    expect(plan.atMost).toBeUndefined();
    const left = plan.steps[1].anatomy?.blocks ?? [];
    expect(left).toHaveLength(anatomy.blocks.length - 1);
    expect(left.map((one) => one.heads)).toEqual(
      left.map((_, at) => (at === 1 ? heads - each : heads)),
    );
  });

  it('adds to what is cut by name already, as one step of each kind', () => {
    const first = withCut([ROUND], withBlock(NOTHING_CHOSEN, block(3)), anatomy, CARDS);
    const second = withCut(first, withBlock(NOTHING_CHOSEN, block(1)), anatomy, CARDS);
    expect(second).toHaveLength(2);
    expect(cutAlready(second, CARDS)).toEqual([{ stack: 'decoder', blocks: [1, 3], heads: {} }]);
  });

  it('chooses the queries that share keys and values together, and lets them go together', () => {
    const chosen = withHead(
      NOTHING_CHOSEN,
      { ...anatomy.blocks[0], heads: 8, keyValueHeads: 4 },
      3,
    );
    expect(chosen.heads.map(({ head }) => head)).toEqual([2, 3]);
    expect(withHead(chosen, { ...anatomy.blocks[0], heads: 8, keyValueHeads: 4 }, 2).heads).toEqual(
      [],
    );
  });

  it('stands behind a step that is lossless, which has to see the model as it is', () => {
    const same: Step = { method: 'deduplicate', target: 'all', options: {} };
    const steps = withCut([same, ROUND], withBlock(NOTHING_CHOSEN, block(3)), anatomy, CARDS);
    expect([steps.length, steps[0], steps[2]]).toEqual([3, same, ROUND]);
    expect(cutAlready(steps, CARDS)).toHaveLength(1);
  });

  it('leaves heads of a block that goes as a whole to it', () => {
    const both = withBlock(withHead(NOTHING_CHOSEN, anatomy.blocks[1], 0), block(1));
    expect(withCut([], both, anatomy, CARDS)).toHaveLength(1);
  });

  it('does not count numbers behind a step that changed what they number', () => {
    const [cut] = withCut([], withBlock(NOTHING_CHOSEN, block(1)), anatomy, CARDS);
    expect(cutAlready([ROUND, cut], CARDS)).toEqual([]);
    expect(cutAlready([{ ...cut, disabled: true }], CARDS)).toEqual([]);
  });
});

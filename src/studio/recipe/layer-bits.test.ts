import { describe, expect, it } from 'vitest';
import { storiesModel } from '../../../test/support/stories.ts';
import { metaById } from '../../core/methods/catalog.ts';
import { decidedOptions, optionsForm } from '../../core/methods/options-form.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Recipe, Step, Target } from '../../core/recipe/types.ts';
import { fittingTarget, namesOf, targetOf } from './fitting-target.ts';
import {
  bitsByLayer,
  bitsToOffer,
  giveBits,
  leaveAlone,
  takeIn,
  targetedLayers,
  type Bench,
} from './layer-bits.ts';

const { model, anatomy } = storiesModel();
const EMBEDDING = 'model.embed_tokens.weight';
const names = anatomy.layers.map(({ name }) => name);
const inBlock = (block: number) =>
  anatomy.layers.filter((layer) => layer.block === block).map(({ name }) => name);
const [Q0, K0] = inBlock(0);

const card = (method: string) => {
  const meta = metaById(method);
  return meta && { title: meta.title, fields: optionsForm(meta), decided: decidedOptions(meta) };
};
const bench = (...steps: readonly Step[]): Bench => ({ anatomy, steps, card });
const rounding = (bits: number | string, target: Target, more = {}): Step => ({
  method: 'round-to-nearest',
  target,
  options: { bits, blockSize: 16, ...more },
});

const ALL_BUT_EMBEDDING: Target = { all: true, except: ['embedding'] };

/** Bytes of every layer as the engine plans them. */
async function planned(steps: readonly Step[]): Promise<ReadonlyMap<string, number>> {
  const recipe: Recipe = parseRecipe({ version: 1, steps });
  const plan = await planRecipe(model, anatomy, recipe);
  expect(plan.problems).toEqual([]);
  return new Map(plan.layers.map(({ name, bytesAfter }) => [name, bytesAfter]));
}

/** What planning says of the new steps: these layers take what they do at these bits, all others what they did. */
async function expectOnly(before: readonly Step[], chosen: readonly string[], bits: number) {
  const after = giveBits(bench(...before), chosen, bits);
  const [was, is] = [await planned(before), await planned(after)];
  const whole = await planned([rounding(bits, 'all')]);
  for (const name of names) {
    expect([name, is.get(name)]).toEqual([name, (chosen.includes(name) ? whole : was).get(name)]);
  }
  return after;
}

describe('giving layers bits', () => {
  const four = rounding(4, ALL_BUT_EMBEDDING);

  it.each<[string, readonly Step[], readonly string[], number]>([
    ['one layer of a step', [four], [Q0], 8],
    ['several layers of several blocks', [four], [Q0, ...inBlock(3)], 2],
    ['a layer that no step works on', [four], [EMBEDDING], 8],
    ['all layers of a step', [four], names.filter((name) => name !== EMBEDDING), 3],
    ['layers of two steps', [rounding(4, 'attention'), rounding(3, 'feed-forward')], inBlock(1), 8],
    ['layers meant by a pattern', [rounding(4, { tensors: ['/layers/'] })], [K0], 8],
  ])('gives them to %s and leaves the others as they were', async (_, steps, chosen, bits) => {
    await expectOnly(steps, chosen, bits);
  });

  it('goes layer by layer without growing more steps than there are bits', async () => {
    let steps: readonly Step[] = [four];
    for (const [name, bits] of [
      [Q0, 8],
      [K0, 8],
      [inBlock(1)[0], 2],
      [Q0, 4],
      [EMBEDDING, 8],
    ] as const) {
      steps = await expectOnly(steps, [name], bits);
    }
    expect(steps.map(({ options }) => options['bits'])).toEqual([4, 2, 8]);
    steps = giveBits(bench(...steps), [K0, EMBEDDING], 4);
    steps = giveBits(bench(...steps), [inBlock(1)[0]], 4);
    expect(steps).toEqual([rounding(4, 'all')]);
  });

  it('says what it means in roles and blocks where they say it', () => {
    const target = (chosen: readonly string[]) =>
      giveBits(bench(four), chosen, 8).map((s) => s.target);
    expect(target(inBlock(2))).toEqual([
      { all: true, except: ['embedding', { blocks: [2] }] },
      { blocks: [2] },
    ]);
    expect(target([EMBEDDING])).toEqual([ALL_BUT_EMBEDDING, 'embedding']);
    expect(target([Q0])).toEqual([
      { all: true, except: ['embedding', { tensors: [Q0] }] },
      { tensors: [Q0] },
    ]);
  });

  it('keeps the identity of steps that stay, and changes nothing that is so already', () => {
    const keyed = { ...four, key: 'a' };
    const steps = giveBits({ anatomy, card, steps: [keyed] }, [Q0], 8);
    expect(steps.map((step) => 'key' in step && step.key)).toEqual(['a', false]);
    expect(giveBits({ anatomy, card, steps: [keyed] }, [Q0], 4)).toEqual([keyed]);
  });

  it('keeps what another step would do to the layer out of the way', async () => {
    const later = rounding(8, 'attention');
    const steps = await expectOnly([four, later], [Q0], 2);
    expect(steps.map(({ options }) => options['bits'])).toEqual([4, 2, 8]);
  });

  it('drops what a run decided, for it would be decided otherwise', () => {
    const auto = rounding('auto', 'all', { budget: 4, bitsPerLayer: { [Q0]: 4 } });
    const steps = giveBits(bench(auto), [Q0], 8);
    expect(steps.map(({ options }) => options)).toEqual([
      { bits: 'auto', blockSize: 16, budget: 4 },
      { bits: 8, blockSize: 16, budget: 4 },
    ]);
  });

  it('leaves steps alone that are switched off or have no bits', () => {
    const off = { ...rounding(2, 'all'), disabled: true };
    const pruning: Step = { method: 'magnitude', target: 'all', options: {} };
    const steps = giveBits(bench(off, pruning, four), [Q0], 8);
    expect(steps.slice(0, 2)).toEqual([off, pruning]);
  });

  it('refuses without a step that has bits, and bits that are not offered', () => {
    const pruning: Step = { method: 'magnitude', target: 'all', options: {} };
    expect(() => giveBits(bench(pruning), [Q0], 8)).toThrow(
      'No step of this recipe has bits to choose. Take a starting point, or add a step that has them; then each layer can get its own.',
    );
    const powers: Step = { method: 'power-of-two', target: 'all', options: { bits: 4 } };
    expect(() => giveBits(bench(powers), [Q0], 8)).toThrow(
      'Power of two offers 4, 3 or 2 bits, not 8. Choose one of these, or another method for this layer.',
    );
  });

  it('knows the bits of each layer and what else there is', () => {
    const known = bitsByLayer(bench(rounding(8, { tensors: [Q0] }), four));
    expect(known.get(Q0)).toEqual({ bits: 8, offered: [8, 6, 5, 4, 3, 2] });
    expect(known.get(K0)?.bits).toBe(4);
    expect(known.has(EMBEDDING)).toBe(false);
    expect(bitsToOffer(bench(four))).toEqual([8, 6, 5, 4, 3, 2]);
    expect(bitsToOffer(bench())).toEqual([]);
  });
});

describe('leaving layers alone', () => {
  const four = rounding(4, 'all');

  it('takes them out of every step and back in', () => {
    const pruning: Step = { method: 'magnitude', target: 'all', options: {} };
    const without = leaveAlone(bench(pruning, four), [Q0, K0]);
    expect(targetedLayers(bench(...without))).toEqual(
      new Set(names.filter((name) => name !== Q0 && name !== K0)),
    );
    expect(takeIn(bench(...without), [K0, Q0])).toEqual([pruning, four]);
  });

  it('drops a step that works on nothing any more, but not the last one', () => {
    const eight = rounding(8, { tensors: [Q0] });
    const rest = rounding(4, { all: true, except: [{ tensors: [Q0] }] });
    expect(leaveAlone(bench(rest, eight), [Q0])).toEqual([rest]);
    expect(takeIn(bench(rest), [Q0])).toEqual([four]);
    const empty = leaveAlone(bench(eight), [Q0]);
    expect(empty).toEqual([{ ...eight, target: { tensors: [Q0], except: [{ tensors: [Q0] }] } }]);
    expect(takeIn(bench(...empty), [Q0])).toEqual([eight]);
  });

  it('takes in what no step was ever pointed at', () => {
    expect(takeIn(bench(rounding(4, ALL_BUT_EMBEDDING)), [EMBEDDING])).toEqual([four]);
    const attention = rounding(4, 'attention');
    expect(takeIn(bench(attention), [EMBEDDING])).toEqual([attention, rounding(4, 'embedding')]);
    expect(() => takeIn(bench(), [Q0])).toThrow(
      'The recipe has no step yet that could work on a layer. Take a starting point, or add a step.',
    );
  });
});

describe('targets that fit', () => {
  it('mean exactly what is wanted, whatever it is', () => {
    let state = 7;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const targets: Target[] = [
      'all',
      'attention',
      { blocks: [0, 2] },
      ALL_BUT_EMBEDDING,
      { tensors: ['/q_proj/'] },
    ];
    for (let round = 0; round < 60; round += 1) {
      const wanted = new Set(names.filter(() => random() < 0.5));
      expect(namesOf(anatomy, targetOf(anatomy, wanted))).toEqual(wanted);
      const target = targets[round % targets.length];
      expect(namesOf(anatomy, fittingTarget(anatomy, target, wanted))).toEqual(wanted);
    }
  });
});

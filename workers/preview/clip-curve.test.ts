import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../test/fixtures/methods/models.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { clipCurve } from './clip-curve.ts';
import { subjectOf } from './pictures.ts';
import { stepOutcome } from './step-outcome.ts';

const [ROWS, COLUMNS] = [32, 64];
const { model: MODEL, layer: LAYER } = oneLayerModel('MatMul', ROWS, COLUMNS);
const ENTRY = { row: 3, column: 40 };

/** A tail, so that it pays to cut. */
const VALUES = gaussian(ROWS * COLUMNS, 1).map((w) => w ** 3);

async function curve(
  method: string,
  options: Readonly<Record<string, unknown>> = {},
  importance?: Float32Array,
) {
  const subject = await subjectOf(MODEL, { layer: LAYER, values: VALUES }, 16, 40);
  const outcome = await stepOutcome(subject, { method, options });
  const found = clipCurve(subject, outcome, ENTRY, importance);
  if (found === undefined) throw new Error('no curve');
  return { ...found, relativeError: outcome.compared.squaredError / subject.signal };
}

const markOf = (marks: readonly { name: string; error: number; ratio: number }[], name: string) =>
  marks.find((mark) => mark.name === name) ?? { error: NaN, ratio: NaN };

describe('error against clip', () => {
  it.each([true, false])(
    'symmetric %s: the whole range loses what the step does',
    async (symmetric) => {
      const found = await curve('round-to-nearest', { bits: 4, symmetric });
      const none = markOf(found.whole?.marks ?? [], 'none');
      expect(none.ratio).toBe(1);
      expect(none.error / found.relativeError).toBeCloseTo(1, 4);
      const own = found.block.own ?? { error: NaN, ratio: NaN };
      expect(own.error / markOf(found.block.marks, 'none').error).toBeCloseTo(1, 4);
    },
  );

  it('a step that clips lands where its way of clipping does', async () => {
    const found = await curve('round-to-nearest', { bits: 3, clip: 'search' });
    const [own, search] = [found.block.own, markOf(found.block.marks, 'search')];
    expect(own?.error).toBeCloseTo(search.error, 6);
    expect(own?.ratio).toBeCloseTo(search.ratio, 3);
  });

  it('every clip of the block lies on the curve, and the searched one lowest', async () => {
    const { block, ratios } = await curve('round-to-nearest', { bits: 3 });
    const least = Math.min(...block.errors);
    for (const { name, error, ratio } of block.marks) {
      if (name !== 'search')
        expect(error).toBeGreaterThanOrEqual(markOf(block.marks, 'search').error);
      expect(ratio).toBeGreaterThan(0);
    }
    expect(markOf(block.marks, 'search').error).toBeLessThanOrEqual(least * 1.02);
    expect(ratios).toHaveLength(block.errors.length);
  });

  it('counts errors by what channels are fed', async () => {
    const importance = Float32Array.from({ length: COLUMNS }, (_, c) => (c < 32 ? 1 : 0));
    const plain = await curve('round-to-nearest', { bits: 3 });
    const fed = await curve('round-to-nearest', { bits: 3 }, importance);
    expect(plain.weighted).toBe(false);
    expect(fed.weighted).toBe(true);
    expect(fed.whole?.errors).not.toEqual(plain.whole?.errors);
    // The chosen block is fed nothing.
    expect([...fed.block.errors].every((error) => error === 0)).toBe(true);
  });

  it('of a table: the block alone, stretched to its largest weight', async () => {
    const found = await curve('low-bit-float', { format: 'nf4' });
    expect(found.whole).toBeUndefined();
    expect(found.block.marks).toEqual([]);
    const at = found.ratios.findIndex((ratio) => ratio >= 1 - 1e-9);
    expect((found.block.own?.error ?? NaN) / found.block.errors[at]).toBeGreaterThan(0.8);
    expect((found.block.own?.error ?? NaN) / found.block.errors[at]).toBeLessThan(1.25);
  });

  it('is nothing where weights have no grid', async () => {
    const subject = await subjectOf(MODEL, { layer: LAYER, values: VALUES }, 16, 40);
    const outcome = await stepOutcome(subject, { method: 'float16', options: {} });
    expect(clipCurve(subject, outcome, ENTRY)).toBeUndefined();
    expect(clipCurve(subject, undefined, ENTRY)).toBeUndefined();
  });
});

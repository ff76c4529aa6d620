import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../test/fixtures/methods/models.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { blockPicture } from './block.ts';
import { subjectOf } from './pictures.ts';
import { stepOutcome } from './step-outcome.ts';

const [ROWS, COLUMNS] = [24, 64];
const { model: MODEL, layer: LAYER } = oneLayerModel('MatMul', ROWS, COLUMNS);

function subject(values = gaussian(ROWS * COLUMNS, 1)) {
  return subjectOf(MODEL, { layer: LAYER, values }, 16, 40);
}

async function block(method: string, options: Readonly<Record<string, unknown>> = {}) {
  const given = await subject();
  const outcome = await stepOutcome(given, { method, options });
  return blockPicture(given, outcome, { row: 3, column: 40 }, 60);
}

/** One kind of grid each: even, tables of the standards, powers of two, own tables, sums of planes, ternary. */
const GRIDS = [
  ['round-to-nearest', { bits: 3, symmetric: false }],
  ['low-bit-float', { format: 'nf4' }],
  ['low-bit-float', { format: 'fp4' }],
  ['power-of-two', {}],
  ['codebook', {}],
  ['binary-coded', { bits: 3 }],
  ['ternary', {}],
] as const;

describe('the histogram of one block', () => {
  it.each(GRIDS)('%s %o: every weight is on one of the values, and none is lost', async (id, o) => {
    const { histogram, grid, rows, columns } = await block(id, o);
    if (histogram === undefined || grid === undefined) throw new Error('no grid');
    const weights = (rows.end - rows.from) * (columns.end - columns.from);
    expect(histogram.weights).toBe(weights);
    expect(histogram.counts.reduce((sum, n) => sum + n, 0)).toBe(weights);
    expect(histogram.before.reduce((sum, n) => sum + n, 0)).toBe(weights);
    expect([...histogram.at]).toEqual([...grid.levels.toSorted()]);
  });

  it('counts on a value what was rounded to it', async () => {
    const { histogram, before, after } = await block('round-to-nearest', { bits: 2 });
    const at = [...(histogram?.at ?? [])];
    const expected = at.map((level) => [...(after ?? [])].filter((w) => w === level).length);
    expect([...(histogram?.counts ?? [])]).toEqual(expected);
    expect(before).toHaveLength(32);
  });

  it('is absent where a block has one value only', async () => {
    const given = await subject(new Float32Array(ROWS * COLUMNS));
    const zero = await stepOutcome(given, { method: 'ternary', options: {} });
    expect(blockPicture(given, zero, { row: 0, column: 0 }, 60).histogram).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { fakeDistances } from '../../../testing/fake-structure.ts';
import { fakeView } from '../../../testing/fake-model.ts';
import type { PartLoss, Structure } from '../../../../../workers/protocol.ts';
import { blockRows } from './structure-rows.ts';

const VIEW = fakeView({ name: 'stories', origin: 'sample:stories', files: [] });
const NOTHING = { structure: undefined, losses: [], distances: [] };

function loss(block: number, value: number, head?: number, layer?: string): PartLoss {
  return {
    ...{ stack: 'decoder', block },
    ...(head !== undefined && { head }),
    ...(layer !== undefined && { layer }),
    loss: { measure: 'kl', value, standardError: value / 10, n: 8 },
  };
}

describe('rows of the structure', () => {
  it('is the model itself while nothing is cut or measured', () => {
    const [first] = blockRows(VIEW, NOTHING);
    expect(first.after?.heads).toBe(first.block.heads);
    expect(first.heads).toEqual(new Array(first.block.heads).fill(undefined));
    expect([first.loss, first.influence, first.named]).toEqual([undefined, undefined, false]);
  });

  it('finds what a recipe leaves by the names of layers, whatever their new numbers are', () => {
    const kept = VIEW.anatomy.blocks.slice(1).map((block) => ({ ...block, heads: 6 }));
    const structure: Structure = {
      blocks: kept.map(({ stack, layers, heads, keyValueHeads, feedForwardWidth }) => ({
        ...{ stack, layers, heads, keyValueHeads, feedForwardWidth },
      })),
      hiddenSize: 64,
      vocabularySize: 512,
    };
    const rows = blockRows(VIEW, { ...NOTHING, structure });
    expect(rows.map(({ after }) => after?.heads)).toEqual([undefined, ...kept.map(() => 6)]);
  });

  it('puts losses and influences where they belong', () => {
    const losses = [loss(1, 0.5), loss(1, 0.1, 2), loss(1, 0.3, 2, 'cross'), loss(0, 0.2, 0)];
    const rows = blockRows(VIEW, { ...NOTHING, losses, distances: fakeDistances(VIEW) });
    expect(rows[1].loss?.value).toBe(0.5);
    expect(rows[1].heads[2]?.value).toBe(0.3);
    expect(rows[0].heads[0]?.value).toBe(0.2);
    expect(rows[0].loss).toBeUndefined();
    expect(rows[0].influence).toBeCloseTo(1 - Math.cos(0.4), 12);
  });
});

import { expect } from 'vitest';
import type { Anatomy, Role } from '../../src/core/anatomy/types.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { someIds } from '../fixtures/layouts/fixture.ts';
import { MINI } from '../fixtures/layouts/mini.ts';
import { runFirstOutput } from '../fixtures/layouts/run.ts';

/** Roles of the layers of one block, or of none. */
export const rolesOf = (anatomy: Anatomy, block?: number): Role[] =>
  anatomy.layers.filter((layer) => layer.block === block).map(({ role }) => role);

/** What every variant of the small decoder must be recognised as. */
export function expectMini(anatomy: Anatomy, more: Partial<Anatomy['blocks'][number]> = {}): void {
  expect(anatomy.kind).toBe('transformer');
  expect(anatomy.hiddenSize).toBe(MINI.hidden);
  expect(anatomy.vocabularySize).toBe(MINI.vocabulary);
  expect(anatomy.blocks).toHaveLength(MINI.blocks);
  for (const block of anatomy.blocks) {
    expect(block).toMatchObject({
      stack: 'decoder',
      heads: MINI.heads,
      headSize: MINI.headSize,
      keyValueHeads: MINI.heads,
      feedForwardWidth: MINI.wide,
      gated: false,
      ...more,
    });
  }
}

/** The layers of a block whose projections are apart. */
export const SEPARATE: Role[] = ['query', 'key', 'value', 'attention-output', 'up', 'down'];

/** A variant computes something. */
export async function runs(model: Model): Promise<void> {
  const { data } = await runFirstOutput(model, { ids: someIds(2, 5, MINI.vocabulary) });
  expect(data.every(Number.isFinite)).toBe(true);
}

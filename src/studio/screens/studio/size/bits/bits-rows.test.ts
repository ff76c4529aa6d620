import { describe, expect, it } from 'vitest';
import type { Layer } from '../../../../../core/anatomy/types.ts';
import { layerLosses } from '../../../../recipe/layer-losses.ts';
import { averageBits, bitsMap, bitsText, lossShare, shadeOf } from './bits-rows.ts';

const layer = (name: string, role: Layer['role'], block?: number): Layer => ({
  ...{ name, output: `${name} out`, op: 'MatMul', weight: name, input: 'x' },
  ...{ outFeatures: 8, inFeatures: 8, layout: 'in-out', role, group: 'other' },
  ...(block !== undefined && { block }),
});

const LAYERS = [
  layer('embed', 'embedding'),
  ...[0, 1].flatMap((block) => [
    layer(`${block}.q`, 'query', block),
    layer(`${block}.up`, 'up', block),
  ]),
  layer('1.q2', 'query', 1),
];
const view = {
  anatomy: { layers: LAYERS, blocks: [] } as never,
  layerBytes: LAYERS.map(() => 256),
};
const line = (name: string, bytesAfter: number) => ({ name, bytesBefore: 256, bytesAfter });

describe('the map of bits', () => {
  it('has a row for each block, and the same part of each in one column', () => {
    const { blocks, columns, others } = bitsMap(view, undefined, new Map());
    expect(columns).toEqual([
      { role: 'query', nth: 0 },
      { role: 'up', nth: 0 },
      { role: 'query', nth: 1 },
    ]);
    expect(blocks.map(({ cells }) => cells.map((cell) => cell?.layer.name))).toEqual([
      ['0.q', '0.up'],
      ['1.q', '1.up', '1.q2'],
    ]);
    expect(others.map(({ cells }) => cells.map((cell) => cell?.layer.name))).toEqual([['embed']]);
  });

  it('shows what the forecast leaves; shared weights count once on average', () => {
    const forecast = { layers: [line('0.q', 32), line('0.up', 0)] };
    const map = bitsMap(view, forecast, new Map([['0.q', 0.5]]));
    const [q, up] = map.blocks[0].cells;
    expect([q?.bits, q?.loss, up?.bits]).toEqual([4, 0.5, 0]);
    expect(averageBits(map)).toBe((32 + 4 * 256) / 40);
    expect([bitsText(4.5), bitsText(4), bitsText(31.9), bitsText(0)]).toEqual([
      '4.5',
      '4',
      '32',
      '–',
    ]);
  });

  it('is darker with more bits, and marks losses by their decades', () => {
    expect(shadeOf(2)).toBeLessThan(shadeOf(3));
    expect([shadeOf(0), shadeOf(1), shadeOf(32), shadeOf(64)]).toEqual([0, 0, 100, 100]);
    expect(lossShare(1, 1)).toBe(100);
    expect(lossShare(0.01, 1)).toBeCloseTo(50);
    expect([lossShare(1e-9, 1), lossShare(0, 1), lossShare(-1, 1)]).toEqual([0, 0, 0]);
  });
});

describe('losses of layers', () => {
  it('are read from the tables that say so', () => {
    const table = {
      title: 'a',
      columns: ['layer', 'loss'],
      rows: [
        ['q, k', 0.5],
        ['v', ''],
      ],
    };
    const decision = { step: 0, method: 'x', sentences: [], tables: [table] };
    expect(layerLosses([decision]).size).toBe(0);
    const told = { ...decision, tables: [{ ...table, losses: { layers: 0, loss: 1 } }] };
    expect([...layerLosses([told])]).toEqual([
      ['q', 0.5],
      ['k', 0.5],
    ]);
    expect(layerLosses(undefined).size).toBe(0);
  });
});

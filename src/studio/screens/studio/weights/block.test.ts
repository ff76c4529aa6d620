import { describe, expect, it } from 'vitest';
import type { BlockPicture, Preview } from '../../../../../workers/protocol.ts';
import { labelledLevels, layoutOf, nearestCount } from './block-layout.ts';
import { blockWords } from './block-words.ts';
import { changeText, numberText } from './number-text.ts';

const BEFORE = Float32Array.of(-2, -0.9, 0.4, 0.6);

/** 2 bits with a scale of 1: the values −2, −1, 0 and 1. */
const ROUNDED: BlockPicture = {
  rows: { from: 5, end: 6 },
  columns: { from: 8, end: 12 },
  drawn: { row: 5, columns: { from: 8, end: 12 } },
  before: BEFORE,
  after: Float32Array.of(-2, -1, 0, 1),
  grid: { bits: 2, scale: 1, zero: 2, levels: Float32Array.of(-2, -1, 0, 1) },
};

function words(block: BlockPicture, did = 'quantized'): string[] {
  const after = block.after && { did };
  return blockWords({ block, after, rows: 10, columns: 12 } as unknown as Preview);
}

function without({ rows, columns, drawn, before }: BlockPicture): BlockPicture {
  return { rows, columns, drawn, before };
}

describe('the layout', () => {
  it('has zero in the middle and the largest weight at an end', () => {
    const { x, extent, before, after } = layoutOf(ROUNDED, 424, 200);
    expect(extent).toBe(2);
    expect([x(-2), x(0), x(2)]).toEqual([12, 212, 412]);
    expect(before[0]).toBe(12);
    expect([after?.[0], after?.[2], after?.[4], after?.[6]]).toEqual([12, 112, 212, 312]);
  });

  it('keeps its axis while the bits move', () => {
    const grid = { bits: 3, scale: 0.5, zero: 4, levels: Float32Array.of(-2, -1.5) };
    expect(layoutOf({ ...ROUNDED, grid }, 424, 200).extent).toBe(2);
  });

  it('follows a grid that reaches further, up to three times', () => {
    const wide = (most: number) => ({ bits: 1, scale: 1, levels: Float32Array.of(-most, most) });
    expect(layoutOf({ ...ROUNDED, grid: wide(5) }, 424, 200).extent).toBe(5);
    expect(layoutOf({ ...ROUNDED, grid: wide(500) }, 424, 200).extent).toBe(6);
  });

  it('stacks weights that have the same value, within their half', () => {
    const same = { ...ROUNDED, after: new Float32Array(4) };
    const { after, floors, radius } = layoutOf(same, 424, 200);
    const ys = [1, 3, 5, 7].map((i) => after?.[i] ?? NaN);
    expect(new Set(ys).size).toBe(4);
    expect(Math.max(...ys)).toBeCloseTo(floors[1] - radius, 3);
    expect(Math.min(...ys)).toBeGreaterThan(floors[0]);
    const many = { ...ROUNDED, before: new Float32Array(128), after: new Float32Array(128) };
    const crowded = layoutOf(many, 300, 200);
    const all = [...(crowded.after ?? [])].filter((_, i) => i % 2 === 1);
    expect(Math.min(...all)).toBeGreaterThan(crowded.floors[0]);
  });

  it('labels all values or none', () => {
    const layout = layoutOf(ROUNDED, 424, 200);
    const grid = ROUNDED.grid ?? { bits: 0, scale: 0, levels: new Float32Array() };
    expect(labelledLevels(grid, layout, 60)).toEqual([0, 1, 2, 3]);
    expect(labelledLevels(grid, layout, 101)).toEqual([]);
    const turned = { ...grid, levels: Float32Array.of(2, 1, 0, -1) };
    expect(labelledLevels(turned, layout, 60)).toEqual([3, 2, 1, 0]);
  });
});

describe('the words', () => {
  it('say whose grid it is, its step, its zero, and where the weights went', () => {
    expect(nearestCount(ROUNDED)).toBe(4);
    expect(words(ROUNDED)).toEqual([
      'Row 5, columns 8–11: 4 weights share one scale.',
      '2 bits: 4 values, each a scale of 1.000 apart.',
      'Zero point: code 2 stands for 0.',
      'Every weight went to the value nearest to it.',
    ]);
  });

  it('say that codes run backwards where the scale is negative', () => {
    const grid = { bits: 2, scale: -1, zero: 2, levels: Float32Array.of(2, 1, 0, -1) };
    expect(words({ ...ROUNDED, grid }).slice(1, 4)).toEqual([
      '2 bits: 4 values, each a scale of 1.000 apart.',
      'The scale of this block is negative (−1.000): its codes run from right to left, its values as always from left to right.',
      'Zero point: code 2 stands for 0.',
    ]);
  });

  it('say when a method did not round to nearest', () => {
    const corrected = { ...ROUNDED, after: Float32Array.of(-2, -1, 1, 1) };
    expect(words(corrected).at(-1)).toBe(
      '3 of 4 weights went to the value nearest to them; the method chose another for the rest.',
    );
  });

  it('say what a row or the layer shares, and which part of it is drawn', () => {
    const row = { ...ROUNDED, columns: { from: 0, end: 12 } };
    expect(words(row)[0]).toBe(
      'Row 5: all its 12 weights share one scale. Drawn: row 5, columns 8–11.',
    );
    expect(words({ ...row, rows: { from: 0, end: 10 } })[0]).toBe(
      'All 120 weights of the layer share one scale. Drawn: row 5, columns 8–11.',
    );
  });

  it('say zero points between codes, tables and scales of 0', () => {
    const { grid } = ROUNDED;
    if (grid === undefined) throw new Error('the block has a grid');
    expect(words({ ...ROUNDED, grid: { ...grid, zero: 1.5 } })[2]).toBe(
      'Zero point: 1.500, between two codes, so no weight becomes exactly 0.',
    );
    const { bits, scale, levels } = grid;
    const table = { bits, scale, levels };
    expect(words({ ...ROUNDED, grid: table })[1]).toBe(
      '2 bits: 4 values at uneven distances, times a scale of 1.000.',
    );
    expect(words({ ...ROUNDED, grid: { ...grid, scale: 0 } })[1]).toBe(
      'Its scale is 0: every weight of this block becomes 0.',
    );
  });

  it('say why there is no grid, and what happened instead', () => {
    const block = without(ROUNDED);
    const pruned = { ...block, after: Float32Array.of(-2, -0.9, 0, 0) };
    expect(words(pruned, 'stored as float32')).toEqual([
      'Row 5, columns 8–11.',
      'No grid of few values: the weights are stored as float32.',
      '2 of 4 were set to zero (×).',
      'The others keep their values.',
    ]);
    const half = { ...block, after: Float32Array.of(-2, -0.9, 0.4, 0.625) };
    expect(words(half, 'stored as float16').at(-1)).toBe('The largest change is 0.02500.');
    expect(words({ ...block, after: BEFORE }).at(-1)).toBe('None of them changed.');
    expect(words(block)).toEqual(['Row 5, columns 8–11.', 'Nothing is done to them.']);
  });
});

it('numbers have four digits and a minus of typography', () => {
  expect([0, 0.0123456, -1.5, -1.23456e-7].map(numberText)).toEqual([
    '0',
    '0.01235',
    '−1.500',
    '−1.235e−7',
  ]);
  expect([0, 0.5, -0.5].map(changeText)).toEqual(['0', '+0.5000', '−0.5000']);
});

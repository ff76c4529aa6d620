import { describe, expect, it } from 'vitest';
import type { Forecast } from '../../../../../workers/protocol.ts';
import { fakeForecast } from '../../../testing/fake-report.ts';
import { fakeView } from '../../../testing/fake-model.ts';
import { afterText, groupName, hasBothStacks, partLabel, shareText } from './part-words.ts';
import { leftOf, purposeTotals, sizeGroups } from './size-groups.ts';
import { neighbourOf, placeGroups } from './treemap-layout.ts';

const view = fakeView({ name: 'stories', origin: 'file', files: [] });
const layerSum = view.layerBytes.reduce((sum, bytes) => sum + bytes, 0);
const loose = [
  { name: 'rotary', dims: [128, 32], dataType: 'float32', bytes: 16_384 },
  { name: 'norm.1', dims: [64], dataType: 'float32', bytes: 256 },
  { name: 'norm.2', dims: [64], dataType: 'float32', bytes: 256 },
];
const GRAPH = 5000;
const model = {
  ...view,
  tensors: [...view.tensors, ...loose],
  bytes: layerSum + 16_384 + 512 + GRAPH,
};
const recipe = {
  version: 1 as const,
  seed: 0,
  steps: [{ method: 'round-to-nearest', target: 'attention' as const, options: { bits: 8 } }],
};
const planned = fakeForecast(recipe, model);
const forecast: Forecast = {
  ...planned,
  skipped: [{ name: 'rotary', reason: '"rotary" is a table of rotary positions.' }],
};

describe('where the bytes are', () => {
  const groups = sizeGroups(model);

  it('has every byte of the file once', () => {
    expect(groups.reduce((sum, { before }) => sum + before, 0)).toBe(model.bytes);
    const parts = groups.flatMap((group) => group.parts);
    expect(parts.reduce((sum, { before }) => sum + before, 0)).toBe(model.bytes);
    expect(groups.map(({ id }) => id)).toEqual([
      'embedding',
      ...[0, 1, 2, 3, 4].map((block) => `block ${block}`),
      'output-head',
      'rest',
    ]);
    expect(groups.at(-1)?.parts.map(({ kind, before }) => [kind, before])).toEqual([
      ['tensor', 16_384],
      ['small', 512],
      ['graph', GRAPH],
    ]);
  });

  it('knows nothing of afterwards without a forecast, nor with one that failed', () => {
    for (const list of [groups, sizeGroups(model, { ...forecast, layers: [] })]) {
      expect(list.every(({ after }) => after === undefined)).toBe(true);
      expect(list.flatMap((g) => g.parts.map((part) => leftOf(part, g)))).not.toContain(0.25);
    }
  });

  it('has every byte of the file that will be, too', () => {
    const after = sizeGroups(model, forecast);
    expect(after.reduce((sum, group) => sum + (group.after ?? NaN), 0)).toBe(forecast.bytes);
    const [, block] = after;
    expect(block.parts.map((part) => leftOf(part, block))).toEqual([
      0.25, 0.25, 0.25, 0.25, 1, 1, 1,
    ]);
    const rest = after[after.length - 1];
    expect(rest.parts[0]).toMatchObject({ after: 16_384, reason: forecast.skipped[0].reason });
    expect(rest.parts[1].after).toBeUndefined();
  });

  it('draws a weight that several layers share once', () => {
    const shared = {
      ...model,
      layerBytes: view.layerBytes.map((bytes, at) => (at === 36 ? 0 : bytes)),
    };
    expect(sizeGroups(shared).map(({ id }) => id)).not.toContain('output-head');
  });

  it('sums up by purpose, largest first', () => {
    const totals = purposeTotals(sizeGroups(model, forecast));
    expect(totals.map(({ purpose }) => purpose)).toEqual([
      'feed-forward',
      'attention',
      'embedding',
      'output-head',
      'rest',
    ]);
    expect(totals.reduce((sum, { before }) => sum + before, 0)).toBe(model.bytes);
    const [feedForward, attention] = totals;
    expect(feedForward.after).toBe(feedForward.before);
    expect(attention.after).toBe(attention.before / 4);
  });
});

describe('words for parts', () => {
  const groups = sizeGroups(model, forecast);
  const [embedding, block] = groups;

  it('tells the blocks of two stacks apart', () => {
    expect(groups.map((group) => groupName(group, hasBothStacks(groups))).slice(0, 2)).toEqual([
      'Embedding',
      'Block 0',
    ]);
    const other = { ...block, block: { index: 1, stack: 'encoder' as const } };
    expect(hasBothStacks([block, other])).toBe(true);
    expect(groupName(other, true)).toBe('Encoder 1');
  });

  it('says what a part is for, and what becomes of it', () => {
    expect(partLabel(block.parts[0], new Map())).toBe('query');
    expect(afterText(block.parts[0], block, true)).toBe('4.10 kB after the recipe, 4.00×');
    expect(afterText(embedding.parts[0], embedding, true)).toBe('the same after the recipe');
    expect(afterText(block.parts[0], block, false)).toBeUndefined();
    const rest = groups[groups.length - 1];
    expect(afterText(rest.parts[0], rest, true)).toBe(
      'the same after the recipe: is a table of rotary positions.',
    );
    expect(afterText(rest.parts[1], rest, true)).toBe('part of what stays in no layer');
    expect(shareText(1, 8)).toBe('13 %');
    expect(shareText(1, 0)).toBe('0.0 %');
  });
});

describe('the map', () => {
  const placed = placeGroups(sizeGroups(model), { width: 800, height: 600 });
  const parts = placed.flatMap((group) => group.parts);

  it('gives areas by bytes, inside of the box, and none over another', () => {
    expect(parts).toHaveLength(37 + 3);
    for (const { x, y, width, height } of parts) {
      expect(Math.min(x, y, width, height)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(800);
      expect(y + height).toBeLessThanOrEqual(600);
    }
    for (const [at, a] of parts.entries()) {
      for (const b of parts.slice(at + 1)) {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(apart || a.width * a.height === 0 || b.width * b.height === 0).toBe(true);
      }
    }
    const area = (id: string) => {
      const { width = 0, height = 0 } = parts.find(({ part }) => part.id === id) ?? {};
      return width * height;
    };
    const [gate, query] = ['mlp.gate_proj', 'self_attn.q_proj'].map((name) =>
      area(`model.layers.2.${name}.weight`),
    );
    // 172 to 64 rows; borders and whole pixels take a little.
    expect(gate / query).toBeGreaterThan(0.85 * (172 / 64));
    expect(gate / query).toBeLessThan(1.15 * (172 / 64));
  });

  it('stands still while a recipe changes', () => {
    const again = placeGroups(sizeGroups(model, forecast), { width: 800, height: 600 });
    const boxes = (groups: typeof placed) =>
      groups.flatMap((group) =>
        group.parts.map(({ x, y, width, height }) => [x, y, width, height]),
      );
    expect(boxes(again)).toEqual(boxes(placed));
  });

  it('can be walked with arrow keys, and ends at its edges', () => {
    const from = parts[0];
    const right = neighbourOf(parts, from, 'ArrowRight');
    expect(right?.x).toBeGreaterThan(from.x);
    expect(right && neighbourOf(parts, right, 'ArrowLeft')?.x).toBeLessThan(right?.x ?? 0);
    const reached = new Set<string>();
    let place = parts.find(({ x, y }) => x === 0 && y < 40);
    while (place !== undefined && !reached.has(place.part.id)) {
      reached.add(place.part.id);
      place = neighbourOf(parts, place, 'ArrowRight');
    }
    expect(reached.size).toBeGreaterThan(2);
    expect(place).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { metaById } from '../../../../core/methods/catalog.ts';
import { decidedOptions, optionsForm } from '../../../../core/methods/options-form.ts';
import type { Recipe } from '../../../../core/recipe/types.ts';
import { bitsByLayer, targetedLayers } from '../../../recipe/layer-bits.ts';
import { fakeForecast } from '../../../testing/fake-report.ts';
import { fakeView } from '../../../testing/fake-model.ts';
import { errorAxis, powerOfTen } from './error-axis.ts';
import { errorWords } from './error-legend.tsx';
import { flatLines, groupedLines, groupRows, totalsOf } from './layer-groups.ts';
import { filterRows, layerRows, sortRows, type LayerErrors } from './layer-rows.ts';
import { layersCsv } from './layers-csv.ts';
import { between, clicked, stepped } from './selection.ts';

const view = fakeView({ name: 'stories', origin: 'file', files: [] });
const { anatomy } = view;
const [EMBEDDING, QUERY, KEY] = anatomy.layers.map(({ name }) => name);

const recipe: Recipe = {
  version: 1,
  seed: 0,
  steps: [
    {
      method: 'round-to-nearest',
      target: { all: true, except: ['embedding'] },
      options: { bits: 4 },
    },
  ],
};
const card = (method: string) => {
  const meta = metaById(method);
  return meta && { title: meta.title, fields: optionsForm(meta), decided: decidedOptions(meta) };
};
const bench = { anatomy, steps: recipe.steps, card };
const errors: LayerErrors = new Map([
  [QUERY, { relativeError: 1e-3, baselineRelativeError: 4e-2, errorKind: 'output' }],
  [KEY, { relativeError: 3e-5, errorKind: 'weight', warnings: ['Few rows.'] }],
]);
const sources = {
  view,
  forecast: fakeForecast(recipe, view),
  targeted: targetedLayers(bench),
  choices: bitsByLayer(bench),
  errors,
  steps: true,
};
const rows = layerRows(sources);

describe('rows of layers', () => {
  it('has one for every layer, with exact bytes and the bits in force', () => {
    expect(rows.map(({ name }) => name)).toEqual(anatomy.layers.map(({ name }) => name));
    expect(rows[1]).toMatchObject({
      bytesBefore: 16_384,
      bytesAfter: 2048,
      bits: 4,
      targeted: true,
      choice: { bits: 4, offered: [8, 6, 5, 4, 3, 2] },
      error: 1e-3,
      baselineError: 4e-2,
      reason: undefined,
    });
    expect(rows[0]).toMatchObject({ targeted: false, choice: undefined, bits: 32 });
  });

  it('gives a reason wherever nothing is saved, and nowhere else', () => {
    for (const { bytesBefore, bytesAfter, reason } of rows) {
      expect(reason !== undefined).toBe(bytesAfter === bytesBefore);
    }
    const reasonOf = (part: string, from = rows) =>
      from.find(({ name }) => name.includes(part))?.reason;
    expect(reasonOf('embed')).toBe('no step of the recipe works on it');
    expect(reasonOf('down_proj')).toBe('172 columns are no multiple of the block.');
    const noSteps = layerRows({
      ...sources,
      forecast: undefined,
      targeted: new Set(),
      steps: false,
    });
    expect(new Set(noSteps.map(({ reason }) => reason))).toEqual(
      new Set(['the recipe has no step yet']),
    );
    const [shared] = layerRows({
      ...sources,
      forecast: undefined,
      view: { ...view, layerBytes: view.layerBytes.map(() => 0) },
    });
    expect(shared.reason).toBe('shares its weight with a layer above');
    const [positions] = layerRows({
      ...sources,
      view: {
        ...view,
        anatomy: {
          ...anatomy,
          layers: [{ ...anatomy.layers[0], role: 'position-embedding' as const }],
        },
      },
    });
    expect(positions.reason).toBe(
      'position embeddings are small and sensitive: “All layers” leaves them alone, tick “Use” to take one in',
    );
  });

  it('has no error but those it is given', () => {
    const without = layerRows({ ...sources, errors: new Map() });
    expect(
      without.every(({ error, errorKind }) => error === undefined && errorKind === undefined),
    ).toBe(true);
  });

  it('sorts and filters without losing the model’s order', () => {
    expect(sortRows(rows, undefined)).toEqual(rows);
    const sorted = sortRows(rows, { column: 'after', descending: true });
    expect(sorted[0].bytesAfter).toBe(Math.max(...rows.map(({ bytesAfter }) => bytesAfter)));
    expect(filterRows(rows, 'Layers.3 key').map(({ layer }) => layer.role)).toEqual(['key']);
  });
});

describe('groups', () => {
  const groups = groupRows(rows);

  it('are the blocks and what stands around them, with sums that add up', () => {
    expect(groups.map(({ title }) => title)).toEqual([
      'Embedding',
      ...[0, 1, 2, 3, 4].map((block) => `Block ${block}`),
      'Output head',
    ]);
    const all = totalsOf(rows);
    const sum = (of: (group: (typeof groups)[number]) => number) =>
      groups.reduce((total, group) => total + of(group), 0);
    expect(sum(({ totals }) => totals.bytesBefore)).toBe(all.bytesBefore);
    expect(sum(({ totals }) => totals.bytesAfter)).toBe(all.bytesAfter);
    expect(groups[0].totals.bits).toBe(32);
  });

  it('count a weight once that two layers share, also where only the recipe stores it once', () => {
    const [head] = rows.slice(-1);
    const shared = totalsOf([...rows.slice(0, -1), { ...head, bytesAfter: 0, bits: 0 }]);
    const alone = totalsOf(rows.slice(0, -1));
    expect(head.bytesBefore).toBeGreaterThan(0);
    expect(shared.bits).toBe(alone.bits);
    expect(shared.bytesBefore).toBe(alone.bytesBefore + head.bytesBefore);
  });

  it('fold, and name a layer by what it does not share with its block', () => {
    const lines = groupedLines(groups, new Set(['block 0']));
    expect(lines.filter(({ kind }) => kind === 'layer')).toHaveLength(37 - 7);
    const names = lines.flatMap((line) => (line.kind === 'layer' ? [line.short] : []));
    expect(names.slice(0, 3)).toEqual(['embed_tokens', 'self_attn.q_proj', 'self_attn.k_proj']);
    const flat = flatLines(rows.slice(1, 2), rows);
    expect(flat).toMatchObject([{ kind: 'layer', short: '0.self_attn.q_proj' }]);
  });
});

describe('the axis of errors', () => {
  const axis = errorAxis(rows);

  it('is logarithmic over all rows, baselines too, from one power of ten to another', () => {
    expect([axis?.low, axis?.high]).toEqual([-5, -1]);
    expect(axis?.place(1e-3)).toBeCloseTo(0.5);
    expect([axis?.place(0), axis?.place(1)]).toEqual([0, 1]);
    expect(axis?.ticks.map(powerOfTen)).toEqual(['10⁻⁵', '10⁻⁴', '10⁻³', '10⁻²', '10⁻¹']);
    expect(powerOfTen(0)).toBe('1');
  });

  it('leaves labels out where many do not fit, and is none without errors', () => {
    const wide = errorAxis([
      { ...rows[1], error: 1e-12 },
      { ...rows[2], error: 0.5 },
    ]);
    expect(wide?.ticks).toEqual([-12, -9, -6, -3, 0]);
    expect(errorAxis(rows.slice(5))).toBeUndefined();
    expect(errorAxis([{ ...rows[1], error: 1e-3, baselineError: undefined }])).toMatchObject({
      low: -3,
      high: -2,
    });
  });

  it('names output error and weight error apart', () => {
    const of = { errors, of: 'bench' as const };
    expect(errorWords(rows, of)).toMatchObject({
      title: 'Output error, or weight error (w)',
      mixed: true,
    });
    expect(errorWords(rows.slice(0, 2), of).title).toBe('Output error');
    expect(errorWords(rows.slice(2, 3), of).title).toBe('Weight error');
    const other = errorWords(rows, { errors, of: 'other', name: 'q4' });
    expect(other.help).toContain('of q4, not of the recipe on the bench');
  });
});

describe('choosing rows', () => {
  const order = ['a', 'b', 'c', 'd'];
  const held = { shiftKey: false, ctrlKey: false, metaKey: false };

  it('takes one, a range, or one more and one less', () => {
    expect(clicked(order, ['a', 'b'], 'a', 'c', held)).toEqual(['c']);
    expect(clicked(order, ['b'], 'b', 'd', { ...held, shiftKey: true })).toEqual(['b', 'c', 'd']);
    expect(clicked(order, ['c'], 'c', 'a', { ...held, shiftKey: true })).toEqual(['c', 'b', 'a']);
    expect(clicked(order, ['b'], 'b', 'd', { ...held, ctrlKey: true })).toEqual(['b', 'd']);
    expect(clicked(order, ['b', 'd'], 'b', 'b', { ...held, metaKey: true })).toEqual(['d']);
    expect(clicked(order, ['b'], 'b', 'b', { ...held, ctrlKey: true })).toEqual(['b']);
  });

  it('steps through the rows and stops at the ends', () => {
    expect([stepped(order, 'a', 1), stepped(order, 'd', 1), stepped(order, 'a', -1)]).toEqual([
      'b',
      'd',
      'a',
    ]);
    expect([stepped(order, 'b', Infinity), stepped(order, 'c', -Infinity)]).toEqual(['d', 'a']);
    expect([stepped(order, undefined, 1), stepped([], 'a', 1)]).toEqual(['a', undefined]);
    expect(between(order, 'gone', 'b')).toEqual(['b']);
  });
});

it('exports the table with full precision and whose errors they are', () => {
  const [header, , query] = layersCsv(rows, 'q4').split('\r\n');
  expect(header).toBe(
    'layer,block,role,outFeatures,inFeatures,bytesBefore,bytesAfter,bitsPerWeight,bits,error,baselineError,errorKind,errorsOf,reason',
  );
  expect(query).toBe(`${QUERY},0,query,64,64,16384,2048,4,4,0.001,0.04,output,q4,`);
  expect(layersCsv(rows, 'q4')).toContain(`${EMBEDDING},,embedding`);
});

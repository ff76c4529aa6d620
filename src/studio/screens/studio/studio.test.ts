import { describe, expect, it } from 'vitest';
import { fakeView } from '../../testing/fake-model.ts';
import { filterRows, layerRows, sortRows } from './layers/layer-rows.ts';
import { problemsUnder } from './recipe/problems.ts';

const view = fakeView({ name: 'stories', origin: 'file', files: [] });

describe('layer rows', () => {
  const [, planned, left] = view.anatomy.layers;
  const weights = planned.outFeatures * planned.inFeatures;
  const forecast = {
    ...{
      skipped: [],
      warnings: [],
      bytes: 1,
      bitsPerWeight: 1,
      peakMemory: 1,
      trains: false,
      atMost: false,
      problems: [],
    },
    layers: [
      { name: planned.name, bytesBefore: 4 * weights, bytesAfter: (5 * weights) / 8 },
      { name: left.name, bytesBefore: 7, bytesAfter: 7, reason: 'It is left alone.' },
    ],
  };
  const rows = layerRows({ view, forecast });

  it('takes exact bytes and reasons from the forecast, and has a row for every layer', () => {
    expect(rows.map(({ name }) => name)).toEqual(view.anatomy.layers.map(({ name }) => name));
    expect(rows[1]).toMatchObject({ ...forecast.layers[0], bits: 5 });
    expect(rows[2]).toMatchObject(forecast.layers[1]);
    for (const { bytesBefore, bytesAfter, bits } of rows.slice(3)) {
      expect([bytesAfter, bits]).toEqual([bytesBefore, 32]);
    }
  });

  it('shows the run in progress instead of the last trial', () => {
    const name = rows[1].name;
    const layer = { name, relativeError: 0.25, baselineRelativeError: 0.5 };
    const live = { [name]: { ...layer, errorKind: 'output' as const } };
    const row = layerRows({ view, forecast, live })[1];
    expect([row.error, row.baselineError, row.errorKind]).toEqual([0.25, 0.5, 'output']);
  });

  it('sorts and filters without losing the model’s order', () => {
    expect(sortRows(rows, undefined)).toEqual(rows);
    const sorted = sortRows(rows, { column: 'after', descending: true });
    expect(sorted[0].bytesAfter).toBe(Math.max(...rows.map(({ bytesAfter }) => bytesAfter)));
    expect(filterRows(rows, 'Layers.3 key').map(({ layer }) => layer.role)).toEqual(['key']);
  });
});

describe('problems', () => {
  const problems = [
    { path: 'steps[0].options.bits', message: 'a' },
    { path: 'steps[10].target.tensors[0]', message: 'b' },
    { path: 'calibration', message: 'c' },
    { path: 'steps', message: 'd' },
    { path: '', message: 'e' },
  ];
  const under = (prefix: string) => problemsUnder(problems, prefix).map(({ message }) => message);

  it('stand at their field and at all it lies in', () => {
    expect(under('steps[0].options.bits')).toEqual(['a']);
    expect(under('steps[0].options.bit')).toEqual([]);
    expect(under('steps[1]')).toEqual([]);
    expect(under('steps[10].target')).toEqual(['b']);
    expect(under('steps[10].options')).toEqual([]);
  });
});

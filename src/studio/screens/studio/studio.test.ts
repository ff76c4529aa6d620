import { describe, expect, it } from 'vitest';
import { fakeForecast } from '../../testing/fake-engine.ts';
import { fakeView } from '../../testing/fake-model.ts';
import { filterRows, layerRows, sortRows } from './layers/layer-rows.ts';
import { problemsUnder } from './recipe/problems.ts';
import { flipsFirst } from './try/flips.ts';
import { countDifferences, markDifferences, tone } from './try/token-tone.ts';

const view = fakeView({ name: 'stories', origin: 'file', files: [] });
const recipe = {
  version: 1 as const,
  seed: 0,
  steps: [{ method: 'gptq', target: 'attention' as const, options: { bits: 4, blockSize: 32 } }],
};

describe('layer rows', () => {
  const forecast = fakeForecast(recipe, view);
  const rows = layerRows({ view, forecast });

  it('takes exact bytes from the forecast', () => {
    const query = rows.find(({ name }) => name.includes('0.self_attn.q_proj'));
    expect(query).toMatchObject({ bytesBefore: 16384, bytesAfter: 2560, bits: 5 });
    expect(rows.length).toBe(view.anatomy.layers.length);
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
    { path: 'steps.10.options.bits', message: 'b' },
    { path: 'calibration', message: 'c' },
  ];

  it('stand at their field, however the path is written', () => {
    expect(problemsUnder(problems, 'steps[0].options.bits').map((p) => p.message)).toEqual(['a']);
    expect(problemsUnder(problems, 'steps[1]')).toEqual([]);
    expect(problemsUnder(problems, 'steps[10].options').map((p) => p.message)).toEqual(['b']);
  });
});

describe('try it', () => {
  it('marks tokens that differ and colours by KL', () => {
    const step = (id: number) => ({ id, text: `${id}`, probability: 1 });
    const answer = {
      prompt: [],
      original: [1, 2, 3].map(step),
      compressed: [1, 5, 3, 4].map(step),
    };
    expect(countDifferences(answer)).toBe(2);
    expect(markDifferences(answer.compressed, answer.original).map((t) => t.differs)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([tone(undefined), tone(0), tone(0.25), tone(7)]).toEqual([0, 0, 0.5, 1]);
  });

  it('puts changed answers first, surest first', () => {
    const answer = (original: number[], compressed: number[]) => ({
      answer: { labels: ['a', 'b'], original, compressed },
    });
    const cases = [
      answer([0.9, 0.1], [0.8, 0.2]),
      answer([0.9, 0.1], [0.4, 0.6]),
      { answer: undefined },
      answer([0.9, 0.1], [0.1, 0.9]),
    ];
    expect(flipsFirst(cases).map(({ answer: a }) => a?.compressed[1])).toEqual([
      0.9,
      0.6,
      0.2,
      undefined,
    ]);
  });
});

/** Each rule against central differences, in float64 on the reference interpreter. */
import { describe, expect, it } from 'vitest';
import { caseLabel, gradientCases } from '../../../../test/fixtures/gradient-cases.ts';
import {
  caseFeeds,
  caseModel,
  differences,
  gradientsOf,
  noise,
  numbers,
  relativeDistance,
  type NodeCase,
} from '../../../../test/support/gradient.ts';
import { interpret } from '../../../../test/support/interpret/interpret.ts';
import { f64, type F64Value } from '../../../../test/support/interpret/value.ts';
import { gradientEntries } from './index.ts';

/** The largest error of any input's gradient. */
function errorOf(test: NodeCase): number {
  const model = caseModel(test);
  const feeds = caseFeeds(test);
  const values = interpret(model, feeds);
  const upstream: Record<string, F64Value> = {};
  for (const { name } of model.graph.outputs) {
    const { dims, data } = values.get(name)!;
    upstream[name] = f64(dims, numbers(data.length, 17), 11);
  }
  const wanted = Object.keys(feeds);
  const found = gradientsOf(model, feeds, upstream, wanted);
  return Math.max(
    ...wanted.map((name) => {
      const gradient = found.get(name);
      if (!gradient) return Infinity;
      expect(gradient.dims).toEqual(feeds[name].dims);
      return relativeDistance(gradient.data, differences(model, feeds, upstream, name));
    }),
  );
}

/** As written before their parameters became inputs. */
const olderForms: readonly NodeCase[] = [
  {
    operator: 'ReduceMean',
    inputs: [noise([2, 3, 4])],
    attributes: { axes: [1, -1], keepdims: 0 },
  },
  { operator: 'ReduceSum', inputs: [noise([2, 3])], attributes: { axes: [0] } },
  { operator: 'Squeeze', inputs: [noise([2, 1])], attributes: { axes: [1] } },
  { operator: 'Unsqueeze', inputs: [noise([2, 3])], attributes: { axes: [0, 3] } },
  { operator: 'Split', inputs: [noise([5, 2])], attributes: { split: [2, 3] }, outputs: 2 },
  {
    operator: 'Slice',
    inputs: [noise([4, 5])],
    attributes: { starts: [1], ends: [-1], axes: [1] },
    opset: 9,
  },
  { operator: 'Pad', inputs: [noise([2, 3])], attributes: { pads: [0, 1, 2, 0] }, opset: 10 },
];

describe('gradient rules, against central differences', () => {
  it.each(gradientCases.map((test) => [caseLabel(test), test] as const))('%s', (_, test) => {
    expect(errorOf(test)).toBeLessThan(1e-8);
  });

  it.each(olderForms.map((test) => [caseLabel(test), test] as const))('older: %s', (_, test) => {
    expect(errorOf({ opset: 11, ...test })).toBeLessThan(1e-8);
  });

  it('holds every operator that has a rule', () => {
    const tried = new Set(gradientCases.map(({ operator }) => operator));
    const all = gradientEntries.flatMap(({ operators }) => operators);
    const elsewhere = ['QuantizeLinear'];
    expect(all.filter((name) => !tried.has(name))).toEqual(elsewhere);
  });
});

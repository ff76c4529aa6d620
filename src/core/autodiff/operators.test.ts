import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { operatorStatuses, operatorsPageIsFresh } from '../../../tools/operator-list.ts';
import { canonicalDomain } from '../onnx/operators/table.ts';

describe('docs/operators.md', () => {
  it('is what the rules say now (npm run generate)', () => {
    expect(operatorsPageIsFresh()).toBe(true);
  });

  it('has a rule, a rewrite or a reason for every operator of the layouts', () => {
    const statuses = new Map(
      operatorStatuses().map(({ domain, name, status }) => [`${domain}:${name}`, status]),
    );
    const used = layoutFixtures.flatMap(({ model }) =>
      model().graph.nodes.map(({ domain, opType }) => `${canonicalDomain(domain)}:${opType}`),
    );
    const missing = [...new Set(used)].filter((key) => (statuses.get(key) ?? 'none') === 'none');
    expect(missing).toEqual([]);
  });

  it('names each operator once', () => {
    const keys = operatorStatuses().map(({ domain, name }) => `${domain}:${name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

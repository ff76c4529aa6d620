import { describe, expect, it } from 'vitest';
import { orderFinding, orderLosses, type OrderReports, type OrderRun } from './order.ts';
import type { Report } from './types.ts';

const metric = (value: number, standardError = 0.01) => ({ value, standardError, n: 100 });

/** As much of a report as is looked at. */
function report(kl: number | undefined, each?: readonly (readonly [number, number])[]): Report {
  const entries = each && {
    metric: 'perplexity',
    counts: each.map(() => 10),
    original: each.map(([before]) => before),
    compressed: each.map(([, after]) => after),
  };
  const evaluation = {
    compressed: kl === undefined ? {} : { kl: metric(kl) },
    ...(entries && { each: entries }),
  };
  return { evaluation } as unknown as Report;
}

const reports = (kls: Readonly<Record<OrderRun, number>>): OrderReports =>
  Object.fromEntries(Object.entries(kls).map(([run, value]) => [run, report(value)]));

describe('the interaction of two steps', () => {
  it('is the joint loss without the sum of both, errors added as squares', () => {
    const [found] = orderLosses(reports({ a: 0.1, b: 0.2, ab: 0.4, ba: 0.25 }));
    expect(found).toMatchObject({ measure: 'kl', paired: false });
    expect(found.interaction.ab?.value).toBeCloseTo(0.1, 12);
    expect(found.interaction.ba?.value).toBeCloseTo(-0.05, 12);
    expect(found.interaction.ab?.standardError).toBeCloseTo(0.01 * Math.sqrt(3), 12);
    expect(found.order?.value).toBeCloseTo(0.15, 12);
    expect(found.order?.standardError).toBeCloseTo(0.01 * Math.SQRT2, 12);
  });

  it('of nats is paired window by window: what all find hard has no error', () => {
    const hard = [1, 5, 2, 9];
    const lost = (amount: number) =>
      report(
        undefined,
        hard.map((h) => [h, h + amount] as const),
      );
    const found = orderLosses({ a: lost(0.1), b: lost(0.2), ab: lost(0.5), ba: lost(0.3) });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ measure: 'nats', paired: true });
    expect(found[0].losses.ab?.value).toBeCloseTo(0.5, 9);
    expect(found[0].interaction.ab?.value).toBeCloseTo(0.2, 9);
    expect(found[0].interaction.ab?.standardError).toBeLessThan(1e-9);
    expect(found[0].interaction.ba?.value).toBeCloseTo(0, 9);
  });

  it('is known of one way round where the other cannot be run', () => {
    const three = { ...reports({ a: 0.1, b: 0.2, ab: 0.4, ba: 0 }), ba: undefined };
    const [found] = orderLosses(three);
    expect(found.interaction.ba).toBeUndefined();
    expect(found.order).toBeUndefined();
    expect(orderFinding([found])).toEqual({ measure: 'kl', together: 'more' });
  });

  it('is not known where nothing was measured', () => {
    expect(orderLosses({ a: report(undefined), b: report(undefined) })).toEqual([]);
    expect(orderFinding([])).toBeUndefined();
  });
});

describe('what is found', () => {
  it.each([
    [
      { a: 0.1, b: 0.2, ab: 0.3, ba: 0.5 },
      { first: 'a', together: 'sum' },
    ],
    [
      { a: 0.1, b: 0.2, ab: 0.6, ba: 0.5 },
      { first: 'b', together: 'more' },
    ],
    [
      { a: 0.1, b: 0.2, ab: 0.21, ba: 0.22 },
      { first: 'either', together: 'less' },
    ],
  ] as const)('of %j', (kls, expected) => {
    expect(orderFinding(orderLosses(reports(kls)))).toEqual({ measure: 'kl', ...expected });
  });
});

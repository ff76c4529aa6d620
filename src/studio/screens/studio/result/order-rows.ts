import type { Metric } from '../../../../core/metrics/types.ts';
import { ORDER_RUNS, type OrderLosses, type OrderRun } from '../../../../core/report/order.ts';
import type { OrderView } from '../../../../../workers/protocol.ts';
import { orders } from '../../../strings/en-orders.ts';

/** One of the four recipes in the table. */
export interface OrderRow {
  readonly run: OrderRun;
  readonly title: string;
  readonly trial?: string;
  readonly bytes?: number;
  readonly refused?: string;
  readonly loss?: Metric;
}

/** Numbers of two steps on the bench. */
export type Numbers = readonly [number, number];

/** "1 → 2", "2 alone" */
export function orderTitle(run: OrderRun, [a, b]: Numbers): string {
  if (run === 'ab') return orders.then(a, b);
  if (run === 'ba') return orders.then(b, a);
  return orders.alone(run === 'a' ? a : b);
}

/** Both ways round, the better known first by being asked for, then each alone. */
export function orderRows(
  { runs }: OrderView,
  losses: OrderLosses | undefined,
  numbers: Numbers,
): readonly OrderRow[] {
  const places: readonly OrderRun[] = ['ab', 'ba', 'a', 'b'];
  const own = runs.filter(({ run }) => ORDER_RUNS.includes(run));
  return places.flatMap((run) => {
    const found = own.find((other) => other.run === run);
    const loss = losses?.losses[run];
    return found ? [{ ...found, title: orderTitle(run, numbers), ...(loss && { loss }) }] : [];
  });
}

/** What both alone lose, added; errors as of independent measurements. */
export function sumOfBoth({ losses: { a, b } }: OrderLosses): Metric | undefined {
  if (a === undefined || b === undefined) return undefined;
  return {
    value: a.value + b.value,
    standardError: Math.hypot(a.standardError, b.standardError),
    n: Math.min(a.n, b.n),
  };
}

/** What was found, in one sentence. */
export function orderSentence({ finding }: OrderView, [a, b]: Numbers): string {
  if (finding === undefined) return orders.notMeasured;
  const { first, together } = finding;
  const way =
    first === undefined
      ? orders.only
      : first === 'either'
        ? orders.either
        : orders.first(first === 'a' ? a : b);
  return orders.verdict(way, orders.together[together]);
}

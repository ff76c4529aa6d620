import type { OrderView } from '../../../workers/protocol.ts';
import type { Metric } from '../../core/metrics/types.ts';

const metric = (value: number, standardError = 0.004): Metric => ({ value, standardError, n: 24 });

/** Two steps of which the first should go first, and which make each other worse. */
export const fakeOrder: OrderView = {
  runs: [
    { run: 'a', trial: 'order-a', bytes: 1_062_000 },
    { run: 'ab', trial: 'order-ab', bytes: 212_400 },
    { run: 'b', trial: 'order-b', bytes: 211_900 },
    { run: 'ba', trial: 'order-ba', bytes: 212_400 },
  ],
  losses: [
    {
      measure: 'kl',
      paired: false,
      losses: { a: metric(0.0842), b: metric(0.1153), ab: metric(0.2214), ba: metric(0.2731) },
      interaction: { ab: metric(0.0219, 0.0069), ba: metric(0.0736, 0.0069) },
      order: metric(-0.0517, 0.0057),
    },
  ],
  finding: { measure: 'kl', first: 'a', together: 'more' },
};

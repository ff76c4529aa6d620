import { describe, expect, it } from 'vitest';
import { fakeOrder } from '../../../testing/fake-order.ts';
import { orderRows, orderSentence, sumOfBoth } from './order-rows.ts';

const [losses] = fakeOrder.losses;

describe('the table of orders', () => {
  it('has both ways round first, by the numbers that the steps have on the bench', () => {
    const rows = orderRows(fakeOrder, losses, [1, 3]);
    expect(rows.map(({ title }) => title)).toEqual(['1 → 3', '3 → 1', '1 alone', '3 alone']);
    expect(rows.map(({ loss }) => loss?.value)).toEqual([0.2214, 0.2731, 0.0842, 0.1153]);
  });

  it('adds what both lose alone, with the error of two measurements', () => {
    const sum = sumOfBoth(losses);
    expect(sum?.value).toBeCloseTo(0.1995, 12);
    expect(sum?.standardError).toBeCloseTo(0.004 * Math.SQRT2, 12);
    // The interaction is what is beyond it.
    expect(losses.interaction.ab?.value).toBeCloseTo(0.2214 - (sum?.value ?? 0), 12);
  });

  it('keeps a way round that is refused, without a loss', () => {
    const runs = fakeOrder.runs.map((run) =>
      run.run === 'ba' ? { run: run.run, refused: 'It cannot be merged.' } : run,
    );
    const way = orderRows({ ...fakeOrder, runs }, { ...losses, losses: {} }, [1, 2])[1];
    expect(way).toEqual({ run: 'ba', title: '2 → 1', refused: 'It cannot be merged.' });
  });

  it('says what was found', () => {
    expect(orderSentence(fakeOrder, [1, 2])).toBe(
      'Step 1 goes first; together they lose more than both alone.',
    );
    expect(orderSentence({ runs: [], losses: [] }, [1, 2])).toBe(
      'Without a measure of quality there is no loss to compare: only sizes are.',
    );
  });
});

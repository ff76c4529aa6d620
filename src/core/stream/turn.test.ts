import { expect, it } from 'vitest';
import { turnBy } from './turn.ts';

const p = Float64Array.of(1, 0, 2);

it('contracts a tensor along its middle axis', () => {
  const values = Float32Array.from({ length: 12 }, (_, at) => at);
  const turn = turnBy(p, 3);
  expect([turn.width, turn.count]).toEqual([3, 1]);
  expect([...turn.along(values, [2, 3, 2])]).toEqual([8, 11, 26, 29]);
});

it('weighs rows by gains, or takes their mean out', () => {
  const turn = turnBy(p, 3);
  expect([...turn.matrix({ gain: Float32Array.of(3, 5, 7) })]).toEqual([3, 0, 14]);
  expect([...turn.matrix({ centred: true })]).toEqual([0, -1, 1]);
});

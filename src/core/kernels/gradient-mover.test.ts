import { expect, it } from 'vitest';
import { seeded } from '../../../test/fixtures/methods/models.ts';
import { moverOracle, withMover, type GradientMover } from './gradient-mover.ts';

it.each([1, 4, 7, 64, 101])(
  'kernel and oracle move a gradient alike, to the bit: %i columns',
  (n) => {
    const next = seeded(n);
    const h = Float32Array.from({ length: n * n }, () => next() - 0.5);
    const start = Float32Array.from({ length: n }, () => next());
    const count = Math.ceil(n / 3);
    const by = Array.from({ length: count }, (_, j) => (j % 3 === 1 ? 0 : next() - 0.5));
    const moved = ({ gradient, deltas, move }: GradientMover): Float32Array => {
      gradient.set(start);
      deltas.set(by);
      move(n - count, count);
      return gradient.slice();
    };
    let found: Float32Array = new Float32Array(0);
    withMover(h, n, (mover) => (found = moved(mover)));
    expect(found).toEqual(moved(moverOracle(h, n)));
    expect(found).not.toEqual(start);
  },
);

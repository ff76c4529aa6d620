import { describe, expect, it } from 'vitest';
import { turnBy } from '../../../stream/index.ts';
import { projection, streamGram } from './rotation.ts';

/** Rows along one direction, and little beside it. */
const rows = Array.from({ length: 40 }, (_, r) => {
  const along = Math.sin(r + 1);
  return [3 * along, 4 * along, 0.01 * Math.cos(7 * r)];
});

function gramOf(x: readonly (readonly number[])[]): Float64Array {
  const width = x[0].length;
  return Float64Array.from({ length: width * width }, (_, at) =>
    x.reduce((sum, row) => sum + row[Math.floor(at / width)] * row[at % width], 0),
  );
}

/** Share of Σ‖x‖² that is left of x·P. */
function energy(p: Float64Array, count: number): number {
  const kept = rows.map((row) =>
    Array.from({ length: count }, (_, k) =>
      row.reduce((sum, x, i) => sum + x * p[i * count + k], 0),
    ),
  );
  const norm = (x: readonly (readonly number[])[]) => x.flat().reduce((sum, v) => sum + v * v, 0);
  return norm(kept) / norm(rows);
}

describe('the projection of a stream', () => {
  const gram = streamGram([{ values: gramOf(rows) }], 3, false);

  it('keeps what flows along a direction, which columns as they are lose', () => {
    expect(energy(projection(gram, 1, 'one'), 1)).toBeGreaterThan(0.9999);
    expect(energy(projection(gram, 1, 'none'), 1)).toBeCloseTo(16 / 25, 2);
  });

  it('is orthonormal, and whole where nothing is cut', () => {
    const p = projection(gram, 3, 'one');
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const dot = [0, 1, 2].reduce((sum, i) => sum + p[i * 3 + a] * p[i * 3 + b], 0);
        expect(dot).toBeCloseTo(Number(a === b), 12);
      }
    }
  });

  it('of a centred stream counts no mean, and writes none', () => {
    const shifted = rows.map((row) => row.map((x) => x + 100));
    const [own, same] = [rows, shifted].map((x) => streamGram([{ values: gramOf(x) }], 3, true));
    own.values.forEach((x, at) => expect(same.values[at]).toBeCloseTo(x, 6));
    const columns = turnBy(projection(own, 2, 'one'), 3).matrix({ centred: true });
    for (const k of [0, 1]) expect(columns[k] + columns[2 + k] + columns[4 + k]).toBeCloseTo(0, 12);
  });
});

import { factorWithDamping } from './gptq-problem.ts';
import type { Kernels } from './load.ts';
import { entryOf, type QronosOptions, type QronosProblem, type Target } from './qronos-problem.ts';
import { SpdStrips } from './spd-strips.ts';
import { fromStrips, toStrips } from './strip-values.ts';
import { STRIP } from './strips.ts';

/** W* over strips: two triangular solves with the factor of H + λI, for all rows at once. */
export function targetInStrips(
  wasm: Kernels,
  weight: Float32Array,
  h: Float32Array,
  problem: QronosProblem,
  options: QronosOptions,
  signal?: AbortSignal,
): Target {
  const { rows, columns, order, lacking } = problem;
  const { arena } = wasm;
  return arena.scope(() => {
    // One more row, of I, for the row of the inverse.
    const shape = { rows: rows + 1, columns };
    const strips = Math.ceil(shape.rows / STRIP);
    const spd = new SpdStrips(wasm, entryOf(problem, h), columns, strips, signal);
    const damping = factorWithDamping(problem, options, (addend) => spd.factor(addend));
    const wanted = new Float32Array(shape.rows * columns);
    wanted.set(lacking);
    wanted[rows * columns + order[0]] = 1;
    const length = STRIP * strips * spd.width;
    const b = arena.alloc(4 * length);
    const one = new Float64Array(columns).fill(1);
    toStrips(wanted, shape, spd.width, arena.floats(b, length), one);
    spd.solve(b);
    const values = fromStrips(arena.floats(b, length), shape, spd.width);
    const inverseRow = values.slice(rows * columns);
    const target = values.subarray(0, rows * columns);
    for (let i = 0; i < target.length; i++) target[i] += weight[i];
    return { values: target, inverseRow, damping };
  });
}

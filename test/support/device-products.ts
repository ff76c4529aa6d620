import { normal, seededRandom } from '../../src/core/random/seeded.ts';
import { deviceMoments } from '../../src/runtime/looks/device-moments.ts';
import { outputErrorsOn } from '../../src/runtime/device-products.ts';
import type { Runtime } from '../../src/runtime/types.ts';

const [ROWS, COLUMNS, OUT] = [70, 33, 21];
const U = 2 ** -24;

function floats(length: number, label: string): Float32Array {
  const random = seededRandom(3, label);
  return Float32Array.from({ length }, () => normal(random));
}

/** Furthest that XᵀX of two batches lies from exact sums, in units of its bound: at most 1 is right. */
export async function momentsOff(runtime: Runtime): Promise<number> {
  const x = floats(ROWS * COLUMNS, 'x');
  const moments = deviceMoments(runtime, COLUMNS);
  await moments.add(x.subarray(0, 30 * COLUMNS), 30);
  await moments.add(x.subarray(30 * COLUMNS), ROWS - 30);
  const { rows, values } = await moments.finish();
  if (rows !== ROWS) return Infinity;
  let furthest = 0;
  for (let i = 0; i < COLUMNS; i++) {
    for (let j = 0; j < COLUMNS; j++) {
      let [sum, size] = [0, 0];
      for (let r = 0; r < ROWS; r++) {
        const product = x[r * COLUMNS + i] * x[r * COLUMNS + j];
        sum += product;
        size += Math.abs(product);
      }
      // A product and a sum are rounded for each row, in whatever order; one sum more joins the batches.
      const bound = (ROWS + 2) * U * size;
      furthest = Math.max(furthest, Math.abs(values[i * COLUMNS + j] - sum) / bound);
      if (values[i * COLUMNS + j] !== values[j * COLUMNS + i]) return Infinity;
    }
  }
  return furthest;
}

/** How far a layer's error lies from the exact quotient, in units of its bound. */
export async function errorOff(runtime: Runtime): Promise<number> {
  const [w, noise] = [floats(OUT * COLUMNS, 'w'), floats(OUT * COLUMNS, 'n')];
  const decoded = w.map((value, i) => value + 0.05 * noise[i]);
  const h = gram();
  const found = await outputErrorsOn(runtime, w, h, COLUMNS)(decoded);
  const [top, bottom] = [
    form(
      w.map((v, i) => v - decoded[i]),
      h,
    ),
    form(w, h),
  ];
  const spread = top.size / top.sum + bottom.size / bottom.sum;
  const bound = (top.sum / bottom.sum) * 2 * COLUMNS * U * spread;
  return Math.abs(found - top.sum / bottom.sum) / bound;
}

function gram(): Float32Array {
  const x = floats(ROWS * COLUMNS, 'x');
  return Float32Array.from({ length: COLUMNS * COLUMNS }, (_, k) => {
    let sum = 0;
    for (let r = 0; r < ROWS; r++)
      sum += x[r * COLUMNS + Math.floor(k / COLUMNS)] * x[r * COLUMNS + (k % COLUMNS)];
    return sum;
  });
}

function form(w: Float32Array, h: Float32Array): { sum: number; size: number } {
  let [sum, size] = [0, 0];
  for (let r = 0; r < OUT; r++)
    for (let i = 0; i < COLUMNS; i++)
      for (let j = 0; j < COLUMNS; j++) {
        const term = w[r * COLUMNS + i] * h[i * COLUMNS + j] * w[r * COLUMNS + j];
        sum += term;
        size += Math.abs(term);
      }
  return { sum, size };
}

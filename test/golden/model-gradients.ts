import { readFileSync } from 'node:fs';
import { z } from 'zod';

const folder = new URL('./vectors/', import.meta.url);

const manifest = z
  .object({
    fixtures: z.array(
      z.object({
        name: z.string(),
        offset: z.number(),
        samples: z.number(),
        weights: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('model_gradients.json', folder), 'utf8')));

const numbers = new Float32Array(
  new Uint8Array(readFileSync(new URL('model_gradients.f32', folder))).buffer,
);

/** waves[k] = sin(12.9898 (k + 1) + 78.233), by which outputs and gradients are weighed. */
export function goldenWave(k: number): number {
  return Math.sin(12.9898 * (k + 1) + 78.233);
}

/** What `model_gradients.py` found out about one weight's gradient. */
export interface GoldenGradient {
  readonly norm: number;
  /** Σ gradient ⊙ waves. */
  readonly projection: number;
  /** Every `step`-th element. */
  readonly elements: Float32Array;
  readonly step: number;
}

/** PyTorch's gradients of a layout fixture, for weights of these sizes in the file's order. */
export function goldenGradients(name: string, sizes: readonly number[]): readonly GoldenGradient[] {
  const found = manifest.fixtures.find((fixture) => fixture.name === name);
  if (found?.weights !== sizes.length) throw new Error(`No golden gradients for ${name}.`);
  let at = found.offset;
  return sizes.map((size) => {
    const step = Math.ceil(size / found.samples);
    const count = Math.ceil(size / step);
    const [norm, projection] = numbers.subarray(at, at + 2);
    const elements = numbers.subarray(at + 2, at + 2 + count);
    at += 2 + count;
    return { norm, projection, elements, step };
  });
}

/**
 * ‖g − golden‖/‖golden‖ as far as the vectors tell: the largest of the norms' difference, the
 * projections' (√2 times: a wave's mean square is ½), and that of the kept elements; `floor` is added
 * to the denominator, for gradients that are zero but for rounding.
 */
export function gradientError(g: ArrayLike<number>, golden: GoldenGradient, floor: number): number {
  let square = 0;
  let projection = 0;
  let kept = 0;
  for (let k = 0; k < g.length; k++) {
    square += g[k] * g[k];
    projection += g[k] * goldenWave(k);
    if (k % golden.step === 0) kept += (g[k] - golden.elements[k / golden.step]) ** 2;
  }
  const share = g.length / golden.elements.length;
  const largest = Math.max(
    Math.abs(Math.sqrt(square) - golden.norm),
    Math.SQRT2 * Math.abs(projection - golden.projection),
    Math.sqrt(kept * share),
  );
  return largest / (golden.norm + floor);
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';

const folder = new URL('./vectors/', import.meta.url);

const manifestSchema = z.object({
  sets: z.object({
    A: z.object({ out: z.number(), in: z.number(), tokens: z.number() }),
  }),
  cases: z.array(
    z.object({
      name: z.string(),
      settings: z.object({
        bits: z.number().optional(),
        group: z.number().optional(),
        sparsity: z.number().optional(),
        n: z.number().optional(),
        m: z.number().optional(),
      }),
      rel_out_err: z.number(),
      rel_w_err: z.number(),
    }),
  ),
});

export type GoldenCase = z.infer<typeof manifestSchema>['cases'][number];

/** Cases and shapes of the golden vectors (see `vectors/README.md`). */
export const manifest = manifestSchema.parse(
  JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')),
);

export const rows = manifest.sets.A.out;
export const columns = manifest.sets.A.in;
export const tokens = manifest.sets.A.tokens;

/** Raw float32 vector of set A: `W`, `X`, `H`, `wanda_sr`, or a case's Ŵ by name. */
export function vector(name: string): Float32Array {
  const bytes = readFileSync(new URL(`A_${name}.f32`, folder));
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** The manifest's entry of a case. */
export function goldenCase(name: string): GoldenCase {
  const found = manifest.cases.find((c) => c.name === name);
  if (found === undefined) throw new Error(`No golden case named ${name}.`);
  return found;
}

/** ‖(W − Ŵ)Xᵀ‖² / ‖WXᵀ‖², in float64. */
export function relativeOutputError(w: Float32Array, approximated: Float32Array): number {
  const x = vector('X');
  let error = 0;
  let total = 0;
  for (let t = 0; t < tokens; t++)
    for (let r = 0; r < rows; r++) {
      let difference = 0;
      let output = 0;
      for (let c = 0; c < columns; c++) {
        const value = x[t * columns + c];
        difference += (w[r * columns + c] - approximated[r * columns + c]) * value;
        output += w[r * columns + c] * value;
      }
      error += difference * difference;
      total += output * output;
    }
  return error / total;
}

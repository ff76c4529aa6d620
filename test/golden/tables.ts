import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { columns, relativeOutputError, rows, vector } from './load.ts';

const schema = z.record(
  z.string(),
  z.object({
    rel_out_err: z.number(),
    rel_w_err: z.number(),
    weight_sq_err: z.number().optional(),
    loss: z.number().optional(),
    weight_sq_err_per_round: z.array(z.number()).optional(),
    pass_rule: z.string(),
  }),
);

/** Numbers of the reference runs of grids that are not even, by case (see `vectors/README.md`). */
export const tableCases = schema.parse(
  JSON.parse(readFileSync(new URL('vectors/tables.json', import.meta.url), 'utf8')),
);

/** Share of entries within 1e-5, relative to the row's largest weight where that is above 1. */
export function shareMet(decoded: Float32Array, name: string): number {
  const [golden, w] = [vector(name), vector('W')];
  let met = 0;
  for (let r = 0; r < rows; r++) {
    const row = w.subarray(r * columns, (r + 1) * columns);
    const bound = 1e-5 * Math.max(1, ...row.map(Math.abs));
    for (let i = r * columns; i < (r + 1) * columns; i++)
      if (Math.abs(decoded[i] - golden[i]) <= bound) met++;
  }
  return met / golden.length;
}

/** How far the relative output error is from the reference's, as a share of that. */
export function outputErrorOff(decoded: Float32Array, name: string): number {
  return Math.abs(relativeOutputError(vector('W'), decoded) / tableCases[name].rel_out_err - 1);
}

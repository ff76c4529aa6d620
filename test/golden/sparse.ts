import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = new URL('vectors/sparse.json', import.meta.url);

const caseSchema = z.object({
  name: z.string(),
  rel_out_err: z.number(),
  swaps: z.number().optional(),
});

const owlSchema = z.object({
  name: z.literal('owl_6_layers'),
  results: z.array(
    z.object({
      Hyper_m: z.number(),
      Lamda: z.number(),
      sparsity: z.number(),
      outlier_ratio_percent: z.array(z.number()),
      layer_sparsity: z.array(z.number()),
    }),
  ),
});

const { cases, more } = z
  .object({ cases: z.array(caseSchema), more: z.array(z.union([owlSchema, caseSchema])) })
  .parse(JSON.parse(readFileSync(file, 'utf8')));

/** The reference's numbers of a case of unstructured or N:M pruning. */
export function sparseCase(name: string): z.infer<typeof caseSchema> {
  const found = [...cases, ...more].find((c) => c.name === name);
  if (found === undefined || 'results' in found) throw new Error(`No sparse case named ${name}.`);
  return found;
}

/** Layer ratios of OWL, by M, λ and sparsity. */
export function owlResults(): z.infer<typeof owlSchema>['results'] {
  const found = more.find((c) => c.name === 'owl_6_layers');
  if (found === undefined || !('results' in found)) throw new Error('No golden case of OWL.');
  return found.results;
}

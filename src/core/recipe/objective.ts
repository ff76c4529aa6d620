import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { metaById } from '../methods/catalog.ts';
import { DEFAULT_CALIBRATION } from './default-calibration.ts';
import { explainIssue, parseJson } from './issues.ts';
import { parseRecipe } from './schema.ts';
import type { Recipe } from './types.ts';

const objectiveSchema = z.strictObject({
  version: z.literal(1),
  name: z.unknown().optional(),
  seed: z.unknown().optional(),
  /** Tokens per sequence. */
  length: z.int().min(2).max(1_000_000).optional(),
  method: z.string(),
  target: z.unknown().optional(),
  options: z.unknown().optional(),
});

/**
 * A training objective as `lathe train` reads it, a value or JSON text: one training step of a recipe with
 * what it needs beside it, `{ version: 1, name?, seed?, length?, method, target?, options? }`. It becomes a
 * recipe of one step, so everything that holds for recipes holds for it.
 * Throws `recipe-invalid` with the path of the culprit, `objective-no-training`.
 */
export function parseObjective(json: unknown, data: string): Recipe {
  const value = typeof json === 'string' ? parseJson(json) : json;
  const result = objectiveSchema.safeParse(value);
  if (!result.success) {
    const names = Object.keys(objectiveSchema.shape);
    throw explainIssue(result.error.issues[0], value, [], () => names);
  }
  const { version, length, method, target, options, ...rest } = result.data;
  const calibration = { ...DEFAULT_CALIBRATION, data, ...(length !== undefined && { length }) };
  const recipe = parseRecipe({
    version,
    ...rest,
    calibration,
    steps: [{ method, target, options }],
  });
  if (metaById(method)?.needs.includes('training') !== true) throw noTraining(method);
  return recipe;
}

function noTraining(method: string): LatheError {
  return new LatheError(
    'objective-no-training',
    `The objective's method "${method}" trains nothing; use "lathe compress" for it, or name a training method such as "fine-tune", "lora" or "distill".`,
    { method },
  );
}

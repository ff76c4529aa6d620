import '../zod-without-eval.ts';
import { z } from 'zod';
import { parseDraft } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';

/** The document of the bench, with the page's own keys of its steps. */
const storedSchema = z.looseObject({
  steps: z.array(z.looseObject({ key: z.unknown() })),
});

/**
 * The recipe that an earlier visit left in this browser's storage; undefined when it is none. Its methods and
 * options may be unfinished or of another version: the step cards say what is wrong with them.
 */
export function storedRecipe(stored: unknown): Recipe | undefined {
  const { success, data } = storedSchema.safeParse(stored);
  if (!success) return undefined;
  const steps = data.steps.map(({ key: _key, ...step }) => step);
  try {
    return parseDraft({ ...data, version: 1, steps });
  } catch {
    return undefined;
  }
}

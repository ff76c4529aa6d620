import { exportDataName } from '../../src/core/recipe/file-name.ts';
import { planRecipe } from '../../src/core/recipe/plan.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import { peakMemory } from '../../src/engine/memory.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { forecastTraining } from '../../src/engine/training/forecast.ts';
import type { Forecast } from '../protocol.ts';

/** Exact sizes of a recipe on the open model; mistakes in the recipe come back as problems. */
export async function forecast(open: OpenModel, recipe: Recipe): Promise<Forecast> {
  try {
    const parsed = parseRecipe(recipe);
    const dataName = exportDataName(parsed);
    const plan = await planRecipe(open.model, open.anatomy, parsed, { dataName });
    const training = await forecastTraining(open, plan);
    return {
      bytes: plan.bytes,
      bitsPerWeight: plan.after.bitsPerWeight,
      layers: plan.layers,
      peakMemory: Math.max(peakMemory(open, plan), training.peak),
      problems: [...plan.problems, ...training.problems],
    };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    return failed(open, error);
  }
}

function failed(open: OpenModel, { message, details }: LatheError): Forecast {
  const path = details['path'];
  return {
    bytes: open.bytes,
    bitsPerWeight: 0,
    layers: [],
    peakMemory: 0,
    problems: [{ path: typeof path === 'string' ? path : '', message }],
  };
}

import { planRecipe } from '../../src/core/recipe/plan.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import type { Forecast } from '../protocol.ts';

/** Copies of the largest layer that a method holds at once: weight, result, second moments, work. */
const WORKING_COPIES = 4;
/** Bytes a WebAssembly session takes per byte of model (measured on onnxruntime-web). */
const SESSION_FACTOR = 3;

/** Exact sizes of a recipe on the open model; mistakes in the recipe come back as problems. */
export async function forecast(open: OpenModel, recipe: Recipe): Promise<Forecast> {
  try {
    const plan = await planRecipe(open.model, open.anatomy, parseRecipe(recipe));
    return {
      bytes: plan.bytes,
      bitsPerWeight: plan.after.bitsPerWeight,
      layers: plan.layers,
      peakMemory: peakMemory(open, plan.bytes),
      problems: plan.problems,
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

function peakMemory(open: OpenModel, bytes: number): number {
  const largest = open.anatomy.layers.reduce((most, layer) => {
    const { inFeatures, outFeatures } = layer;
    return Math.max(most, 4 * (WORKING_COPIES * inFeatures * outFeatures + inFeatures ** 2));
  }, 0);
  return open.bytes + (open.bytes + bytes) * SESSION_FACTOR + largest;
}

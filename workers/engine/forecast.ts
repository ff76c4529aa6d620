import { partDataName } from '../../src/core/recipe/part-name.ts';
import { planRecipe } from '../../src/core/recipe/plan.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import { WASM_HEAP } from '../../src/engine/host.ts';
import { peakMemory } from '../../src/engine/memory.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { forecastTraining, type TrainingForecast } from '../../src/engine/training/forecast.ts';
import type { Anatomy } from '../../src/core/anatomy/types.ts';
import type { Forecast, Structure } from '../protocol.ts';

/** Exact sizes of a recipe on the open model; mistakes in the recipe come back as problems. */
export async function forecast(open: OpenModel, recipe: Recipe): Promise<Forecast> {
  try {
    const parsed = parseRecipe(recipe);
    const dataName = partDataName(open, parsed);
    const plan = await planRecipe(open.model, open.anatomy, parsed, { dataName });
    return {
      bytes: plan.atMost ?? plan.bytes,
      atMost: plan.atMost !== undefined,
      bitsPerWeight: plan.after.bitsPerWeight,
      ...(plan.cache && { cache: plan.cache }),
      layers: plan.layers,
      structure: structureOf(plan.anatomy),
      skipped: plan.coverage.skipped,
      peakMemory: peakMemory(open, plan, WASM_HEAP),
      warnings: plan.warnings,
      problems: plan.problems,
      trains: plan.steps.some(({ work }) => work.some(({ kind }) => kind === 'train')),
    };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    return failed(open, error);
  }
}

/**
 * What the trainings of a recipe take, and what stands in their way. It takes a training graph, so it is
 * asked for when the options have come to rest.
 */
export async function trainingForecast(open: OpenModel, recipe: Recipe): Promise<TrainingForecast> {
  const plan = await planRecipe(open.model, open.anatomy, parseRecipe(recipe));
  return forecastTraining(open, plan);
}

function failed(open: OpenModel, { message, details }: LatheError): Forecast {
  const path = details['path'];
  return {
    bytes: open.bytes,
    atMost: false,
    bitsPerWeight: 0,
    layers: [],
    structure: structureOf(open.anatomy),
    skipped: [],
    peakMemory: 0,
    trains: false,
    warnings: [],
    problems: [{ path: typeof path === 'string' ? path : '', message }],
  };
}

/** The sizes of a model's parts, without its layers. */
function structureOf({ blocks, layers, hiddenSize, vocabularySize }: Anatomy): Structure {
  const attention = new Set(
    layers.filter(({ group }) => group === 'attention').map(({ name }) => name),
  );
  return {
    blocks: blocks.map((block) => ({
      ...{ stack: block.stack, layers: block.layers },
      heads: block.layers.some((name) => attention.has(name)) ? block.heads : 0,
      keyValueHeads: block.keyValueHeads,
      feedForwardWidth: block.feedForwardWidth,
    })),
    hiddenSize,
    vocabularySize,
  };
}

import type { PlannedStep } from '../../core/recipe/plan-types.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { sha256OfJson } from '../hash.ts';

/**
 * Content addresses of the stages of a recipe: key₀ = input hash, keyᵢ = hash(keyᵢ₋₁, stepᵢ,
 * calibration, seed). Changing the last step changes only the last key (DESIGN §4). A step's position
 * counts, because it decides its random numbers.
 */
export async function stageKeys(
  inputSha256: string,
  { seed }: Recipe,
  steps: readonly PlannedStep[],
  calibrationSha256: string | undefined,
): Promise<readonly string[]> {
  const keys = [inputSha256];
  for (const { step, index } of steps) {
    const { method, target, options } = step;
    const previous = keys[keys.length - 1];
    const calibration = calibrationSha256 ?? null;
    keys.push(await sha256OfJson({ previous, index, method, target, options, calibration, seed }));
  }
  return keys;
}

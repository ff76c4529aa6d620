import type { Work } from '../../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';
import type { Device } from '../../runtime/types.ts';
import { sha256OfJson } from '../hash.ts';

/** Hashes of the data that steps may look at. */
export interface DataHashes {
  readonly calibration?: string | undefined;
  readonly training?: string | undefined;
}

/**
 * Content addresses of the stages of a recipe: key₀ = input hash, keyᵢ = hash(keyᵢ₋₁, stepᵢ, what stepᵢ
 * looks at). A step that looks at no data and draws nothing has the same key whatever the calibration and
 * the seed are, so changing the last step changes only the last key (DESIGN §4). Its position counts,
 * because results are listed by it. A device whose results are not WebAssembly's to the bit is named where a
 * step runs the model on it (`devices`: one for each step).
 */
export async function stageKeys(
  inputSha256: string,
  { recipe, steps }: Pick<Plan, 'recipe' | 'steps'>,
  data: DataHashes,
  devices: readonly Device[] = [],
): Promise<readonly string[]> {
  const keys = [inputSha256];
  for (const [position, { step, index, work }] of steps.entries()) {
    const { method, target, options } = step;
    const previous = keys[keys.length - 1];
    const seen = lookedAtIn(work, recipe.seed, data, devices[position]);
    keys.push(await sha256OfJson({ previous, index, method, target, options, ...seen }));
  }
  return keys;
}

/** What of the data, the seed and the device decides what a step finds. */
export function lookedAtIn(
  work: PlannedStep['work'],
  seed: number,
  data: DataHashes,
  device: Device | undefined,
) {
  return { ...lookedAt(work, seed, data), ...seenOn(work, device) };
}

/** Calibration where something is looked at, training data and the seed where something is trained or drawn. */
function lookedAt(work: PlannedStep['work'], seed: number, data: DataHashes) {
  const { calibration, training } = data;
  return {
    ...(work.some(looks) && { calibration: calibration ?? null }),
    ...(work.some(({ kind }) => kind === 'train') && { training: training ?? null }),
    ...(work.some(draws) && { seed }),
  };
}

function seenOn(work: PlannedStep['work'], device: Device = 'wasm') {
  return device !== 'wasm' && runsModel(work) ? { device } : {};
}

/** Whether a step makes something of what a device computes: its bytes then follow from the device. */
export function runsModel(work: PlannedStep['work']): boolean {
  return work.some(looks);
}

function looks(work: Work): boolean {
  return work.kind === 'train' || work.look !== undefined;
}

function draws(work: Work): boolean {
  return work.kind !== 'encode' || work.draws === true;
}

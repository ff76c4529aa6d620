import { LatheError } from '../errors/lathe-error.ts';
import type { Refusal } from './contract.ts';
import { isRefusal } from './site.ts';

/** The plan itself; a refusal is thrown as `layer-refused`, because compressing what a plan refuses is a mistake. */
export function requirePlan<T extends object>(result: T | Refusal): T {
  if (isRefusal(result)) throw new LatheError('layer-refused', result.refused);
  return result;
}

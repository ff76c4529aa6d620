import type { Plan } from '../../core/recipe/plan-types.ts';
import { cachePairs } from '../../runtime/cache-ports.ts';
import type { Protocol } from '../../runtime/evaluate/types.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { OpenModel } from '../model/open.ts';

/**
 * How a recipe's trial is measured: with the cache filled where a step says that it touches the cache and the
 * model offers one, else in windows.
 */
export function protocolOf({ model, task }: OpenModel, { steps }: Pick<Plan, 'steps'>): Protocol {
  const touched = steps.some(({ method }) => method.meta.touchesCache === true);
  if (!touched || task !== 'language-model') return 'windows';
  const outputs = model.graph.outputs.map(({ name }) => name);
  return cachePairs(inputPorts(model), outputs) === undefined ? 'windows' : 'cached';
}

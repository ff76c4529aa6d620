import type { MethodMeta } from '../../core/methods/contract.ts';
import { cacheOf } from '../../runtime/cache-ports.ts';
import type { Protocol } from '../../runtime/evaluate/types.ts';
import { inputPorts, outputPorts } from '../../runtime/ports.ts';
import type { OpenModel } from '../model/open.ts';

/** Steps of a recipe, as far as measuring asks. */
interface Steps {
  readonly steps: readonly {
    readonly method: { readonly meta: Pick<MethodMeta, 'touchesCache'> };
  }[];
}

/**
 * How a recipe's trial is measured: with the cache filled where a step says that it touches the cache and the
 * model offers one, else in windows.
 */
export function protocolOf(
  { model, task }: Pick<OpenModel, 'model' | 'task'>,
  { steps }: Steps,
): Protocol {
  const touched = steps.some(({ method }) => method.meta.touchesCache === true);
  if (!touched || task !== 'language-model') return 'windows';
  const ports = { inputs: inputPorts(model), outputs: outputPorts(model) };
  return cacheOf(ports) === undefined ? 'windows' : 'cached';
}

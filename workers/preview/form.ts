import type { Encoded } from '../../src/core/encodings/index.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { formOf } from '../../src/core/methods/requantize.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import type { Subject } from './pictures.ts';
import type { StandIn } from './stand-in.ts';

/** The form a layer takes. What a recipe leaves alone with a reason cannot be shown: throws `layer-refused`. */
export function formOrThrow(
  { weight, model }: Pick<Subject, 'weight' | 'model'>,
  method: StandIn['method'],
  options: unknown,
): Encoded {
  const form = formOf(method, weight.layer, options, model);
  if (isRefusal(form)) throw new LatheError('layer-refused', form.refused);
  return form;
}

import type { z } from 'zod';
import { LatheError } from '../../../src/core/errors/lathe-error.ts';
import { encoderMethod } from '../../../src/core/methods/encoder-method.ts';
import { meta, type options as schema } from './meta.ts';

type Options = z.infer<typeof schema>;

/**
 * Leaves every layer as it is. Say here what the method computes: the equation in the paper's symbols, shapes, units,
 * errors, source.
 */
export const newMethod = encoderMethod<Options>(meta, {
  // What the weight becomes, from shapes and options alone: its bytes are the forecast. A layer is refused with a sentence.
  form: ({ name }) => ({
    refused: `"${name}" was left as it is, because ${meta.title} does nothing yet.`,
  }),
  // The values in exactly that form, for layers that were not refused; W is row-major [outFeatures, inFeatures].
  encode: async ({ layer }) => {
    throw new LatheError(
      'not-written',
      `${meta.title} has no kernel for "${layer.name}" yet; write "encode" before "form" promises anything.`,
      { layer: layer.name },
    );
  },
});

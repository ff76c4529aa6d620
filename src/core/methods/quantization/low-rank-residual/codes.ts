import { LatheError } from '../../../errors/lathe-error.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { densePart, type DensePart } from '../dense-part.ts';
import type { LowRankResidualOptions } from './meta.ts';

/** What makes the codes of a layer that is not encoded yet. */
export function codesOf({ quantizer, ...options }: LowRankResidualOptions): DensePart {
  return quantizer === 'none' ? NOTHING : densePart({ ...options, quantizer });
}

const NOTHING: DensePart = {
  feedsBack: false,
  form: ({ name }: Layer) => ({
    refused: `"${name}" is as it was opened, so there is no error to correct, and it was left as it is; put a step that compresses it before this one, or choose a quantizer.`,
  }),
  encode: () => {
    throw new LatheError('layer-refused', 'Without a quantizer no codes are made.');
  },
};

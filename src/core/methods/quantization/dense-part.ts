import type { Layer } from '../../anatomy/types.ts';
import { requireKind, type Coded } from '../../encodings/index.ts';
import type { Model } from '../../onnx/types.ts';
import type { Seen } from '../../statistics/seen.ts';
import type { LayerOutcome, LayerWeight, MethodContext, Refusal } from '../contract.ts';
import type { EncoderMethod } from '../encoder-method.ts';
import { isRefusal } from '../site.ts';
import type { DenseOptions } from './dense-fields.ts';
import { gptq } from './gptq/gptq.ts';
import { hqq } from './hqq/hqq.ts';
import { roundToNearest } from './round-to-nearest/round-to-nearest.ts';

/** A quantizer with options of its own. */
export interface DensePart {
  /** Errors are moved onto later columns: it needs second moments of the layer's input, in the order in which values flow. */
  readonly feedsBack: boolean;
  form(layer: Layer, model: Model): Coded | Refusal;
  encode(
    weight: LayerWeight,
    planned: Coded,
    seen: Seen,
    context: MethodContext,
  ): Promise<LayerOutcome & { readonly encoded: Coded }>;
}

/** The quantizer that makes the codes, with those of the options that it has. */
export function densePart(options: DenseOptions): DensePart {
  const { bits, blockSize, symmetric, clip, scales, quantizer } = options;
  switch (quantizer) {
    case 'round-to-nearest':
      return partOf(roundToNearest, { bits, blockSize, symmetric, clip, scales });
    case 'gptq':
      return partOf(gptq, { bits, blockSize, symmetric, clip, scales });
    case 'hqq':
      return partOf(hqq, { bits, blockSize, scales });
  }
}

/** Options as a recipe would give them. */
function partOf<O>({ meta, encoder }: EncoderMethod<O>, given: object): DensePart {
  // What the schema of a method gives are its options.
  const options = meta.options.parse(given) as O;
  return {
    feedsBack: encoder.look?.(options)?.sequential === true,
    form: (layer, model) => {
      const form = encoder.form(layer, options, model);
      return isRefusal(form) ? form : requireKind(form, 'coded');
    },
    encode: async (weight, planned, seen, context) => {
      const outcome = await encoder.encode(weight, planned, seen, options, context);
      return { ...outcome, encoded: requireKind(outcome.encoded, 'coded') };
    },
  };
}

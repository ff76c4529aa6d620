import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { quantizeTensor, quantizeUniform } from '../../../kernels/rtn.ts';
import type { Layer } from '../../../anatomy/types.ts';
import type { Bits } from '../../../kernels/uniform.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Encoder, Method, Refusal } from '../../contract.ts';
import { encoderMethod, type EncoderMethod } from '../../encoder-method.ts';
import { meanSquares } from '../mean-squares.ts';
import { roundOnGrid } from '../round-on-grid.ts';
import { isPlainGrid } from '../stored-grid.ts';
import { planUniform } from '../uniform-plan.ts';
import { decideBits, requireBudget, type RoundToNearestOptions } from './decide.ts';
import { meta } from './meta.ts';

export type { RoundToNearestOptions } from './decide.ts';

const encoder: Encoder<RoundToNearestOptions> = {
  shareable: true,
  ties: () => true,
  look: ({ clip }) =>
    clip === 'search' ? { take: ['norms'], sequential: false, optional: true } : undefined,
  form: (layer, options, model) => {
    const bits = bitsOf(layer.name, options);
    return isBits(bits) ? planUniform(layer, { ...options, bits }, model) : bits;
  },
  encode: async (weight, given, seen, options, context) => {
    throwIfCancelled(context.signal);
    const { layer, values } = weight;
    const planned = requireKind(given, 'coded');
    const bits = bitsOf(layer.name, options);
    if (!isBits(bits)) throw new LatheError('layer-refused', bits.refused);
    const range = options.symmetric ? 'signed-max' : 'minmax';
    const importance = options.clip === 'search' ? importanceOf(layer, seen) : undefined;
    const grid = { bits, range, clip: options.clip, importance } as const;
    if (!isPlainGrid(planned)) {
      const { form, found } = roundOnGrid(weight, planned, {
        ...grid,
        groupSize: planned.groupSize,
      });
      return { encoded: fillCodes(form, found) };
    }
    const { outFeatures: rows, inFeatures: columns } = layer;
    const result =
      planned.granularity === 'tensor'
        ? quantizeTensor(values, grid)
        : quantizeUniform(values, rows, columns, { ...grid, groupSize: planned.groupSize });
    context.progress?.(1);
    return { encoded: fillCodes(planned, result) };
  },
};

const uniform = encoderMethod<RoundToNearestOptions>(meta, encoder);

const plan: Method<RoundToNearestOptions>['plan'] = async (ground, targets, options, context) => {
  const open = options.bits === 'auto' && options.bitsPerLayer === undefined;
  const budget = open ? requireBudget(options) : undefined;
  const made = await uniform.plan(ground, targets, options, context);
  return budget === undefined ? made : { ...made, atMost: budget };
};

/**
 * Round to nearest: code = clamp(round(w / scale) + zero, 0, 2^bits − 1) with one grid per group of
 * columns. Symmetric grids put the code 0 on the value of largest magnitude (onnxruntime's block
 * quantizer), asymmetric ones span [min(w, 0), max(w, 0)]. Baseline of every other quantizer.
 */
export const roundToNearest: EncoderMethod<RoundToNearestOptions> = {
  meta,
  encoder,
  plan,
  decide: (ground, targets, options, ask) => decideBits(encoder, ground, targets, options, ask),
};

/** A head that is the embedding, too, is stored once, with values that depend on no data. */
function importanceOf(layer: Layer, seen: Seen): Float32Array | undefined {
  return layer.role === 'output-head' ? undefined : meanSquares(layer, seen);
}

/** Bits of a layer; while nothing is decided, the fewest. */
function bitsOf(name: string, { bits, bitsPerLayer }: RoundToNearestOptions): Bits | Refusal {
  if (bits !== 'auto') return bits;
  if (bitsPerLayer === undefined) return 2;
  if (Object.hasOwn(bitsPerLayer, name)) return bitsPerLayer[name];
  return {
    refused: `"${name}" was not there when the bits of each layer were decided, so it was left as it is; clear "bitsPerLayer" to decide again.`,
  };
}

function isBits(bits: Bits | Refusal): bits is Bits {
  return typeof bits === 'number';
}

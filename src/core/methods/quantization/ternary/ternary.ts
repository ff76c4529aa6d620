import type { z } from 'zod';
import { isPlainNumbers, requireKind, type Coded } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { fewRowsWarning } from '../../../statistics/warnings.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Encoder, LayerWeight } from '../../contract.ts';
import { encoderMethod, type EncoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { isRefusal } from '../../site.ts';
import { blockCount, blocksIn, eachBlock, largestMagnitudes, type Blocks } from '../blocks.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planUniform } from '../uniform-plan.ts';
import { align, type Ternary } from './align.ts';
import { meta, type options as schema } from './meta.ts';
import { alternating, optimal, twn, type Values } from './thresholds.ts';

export type TernaryOptions = z.infer<typeof schema>;

const TERNARISE = { optimal, twn, alternating } as const;

const encoder: Encoder<TernaryOptions> = {
  shareable: true,
  ties: tiesTogether,
  look: (options) =>
    options.align ? { take: ['moments'], sequential: options.sequential } : undefined,
  form: (layer, { threshold, blockSize, scales }, model) => {
    const choice = { bits: 2, blockSize, symmetric: true, scales } as const;
    const planned = planUniform(layer, choice, model);
    if (isRefusal(planned) || threshold !== 'alternating') return planned;
    return { ...planned, ...(planned.scales && { zeros: planned.scales }) };
  },
  encode: async (weight, given, seen, options, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const blocks = blocksIn(planned, weight.layer);
    const fitted = ternarise(weight.values, blocks, options.threshold);
    const moments = momentsFor(weight, seen, options);
    context.progress?.(0.5);
    if (moments === undefined) return { encoded: stored(planned, fitted) };
    const symmetric = planned.zeros === undefined;
    const values = align(weight.values, fitted, moments.values, blocks, symmetric);
    const few = fewRowsWarning(moments);
    return {
      encoded: stored(planned, { ...fitted, values }),
      ...(few !== undefined && { warnings: [few] }),
    };
  },
};

/** What to align to. WHY none for look-ups: they multiply no rows. */
function momentsFor(weight: LayerWeight, seen: Seen, options: TernaryOptions) {
  if (!options.align || weight.layer.op === 'Gather') return undefined;
  return requireSeen(seen, 'moments', weight, meta);
}

function ternarise(
  w: Float32Array,
  blocks: Blocks,
  threshold: TernaryOptions['threshold'],
): Ternary {
  // Throws where there is no range.
  largestMagnitudes(w, blocks);
  const codes = new Uint8Array(w.length);
  const values = new Array<Values>(blockCount(w.length, blocks));
  eachBlock(w.length, blocks, (from, end, block) => {
    values[block] = TERNARISE[threshold](w.subarray(from, end), codes.subarray(from, end));
  });
  return { codes, values };
}

/**
 * α·t + μ = α·(code − zero). Around zero, codes are 1, 2, 3 about the middle code 2, which kernels know; else they are 0, 1,
 * 2 and zero = 1 − μ/α.
 */
function stored(planned: Coded, { codes, values }: Ternary): Coded {
  const dataType = numberType(planned);
  if (planned.zeros === undefined) {
    const scales = Float32Array.from(values, ({ alpha }) => alpha);
    return {
      ...planned,
      codes: codes.map((code) => code + 1),
      scales: { dataType, values: scales },
    };
  }
  // A block of one value has no α of its own: μ does for it, with the zero one below.
  const grids = values.map(({ alpha, mu }) => (alpha === 0 ? { alpha: mu, mu } : { alpha, mu }));
  const zeros = grids.map(({ alpha, mu }) => (alpha === 0 ? 1 : 1 - mu / alpha));
  return {
    ...planned,
    codes,
    scales: { dataType, values: Float32Array.from(grids, ({ alpha }) => alpha) },
    zeros: { dataType, values: Float32Array.from(zeros) },
  };
}

function numberType({ scales }: Coded): number {
  return scales !== undefined && isPlainNumbers(scales) ? scales.dataType : DataType.float32;
}

const base = encoderMethod<TernaryOptions>(meta, encoder);

/**
 * Ternary weights: Ŵ = α·t + μ with t ∈ {−1, 0, 1}, α and μ of each block (μ = 0 but for `alternating`). Throws
 * `weight-not-finite`.
 */
export const ternary: EncoderMethod<TernaryOptions> = {
  ...base,
  plan: async (ground, targets, options, context) => {
    const made = await base.plan(ground, targets, options, context);
    if (made.lines.length === 0) return made;
    return { ...made, warnings: [...(made.warnings ?? []), STORED] };
  },
};

const STORED =
  'Ternary weights take 2 bits each, and their scales: of the four codes three are used, as onnxruntime multiplies with nothing narrower.';

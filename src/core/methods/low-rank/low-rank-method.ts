import type { Layer } from '../../anatomy/types.ts';
import { requireKind, type Encoded, type Plain } from '../../encodings/index.ts';
import { throwIfCancelled } from '../../errors/lathe-error.ts';
import { sizeOf } from '../../onnx/size.ts';
import type { Encoder, MethodMeta } from '../contract.ts';
import { encoderMethod, type EncoderMethod } from '../encoder-method.ts';
import { decideRanks, requireBudget } from './decide-ranks.ts';
import { factorise } from './factorise.ts';
import type { LowRank } from './low-rank.ts';
import { requireFinite } from './require-finite.ts';
import { planFactors } from './rank-plan.ts';
import type { RankOptions } from './rank-options.ts';

/** A method that stores weights as two factors, with the shared choice of ranks. */
export function lowRankMethod<Options extends RankOptions>(
  meta: MethodMeta,
  own: LowRank<Options>,
): EncoderMethod<Options> {
  const encoder = encoderOf(own);
  const plain = encoderMethod<Options>(meta, encoder);
  return {
    meta,
    encoder,
    plan: async (ground, targets, options, context) => {
      const budget = options.ranks === 'budget' ? requireBudget(options) : undefined;
      const made = await plain.plan(ground, targets, options, context);
      if (!isOpen(options)) return made;
      return { ...made, atMost: budget ?? mostBytes(made.model, targets) };
    },
    decide: async (ground, targets, options, ask) => {
      if (!isOpen(options)) return undefined;
      return decideRanks({ meta, encoder, ...own }, ground, targets, options, ask);
    },
  };
}

/** Whether data still decides the ranks. */
function isOpen({ ranks, rankPerLayer }: RankOptions): boolean {
  return ranks !== 'fixed' && ranks !== 'ratio' && rankPerLayer === undefined;
}

/** Bytes of the model with the largest ranks that save anything, and of the report with a rank for each layer. */
function mostBytes(model: Parameters<typeof sizeOf>[0], targets: readonly Layer[]): number {
  const names = targets.reduce((sum, { name }) => sum + 2 * name.length + 400, 0);
  return sizeOf(model).totalBytes + names + 2 ** 16;
}

function encoderOf<Options extends RankOptions>(own: LowRank<Options>): Encoder<Options> {
  const { take } = own;
  return {
    form: planFactors,
    ...(take === undefined
      ? { shareable: true }
      : {
          look: (options: Options) => {
            return { take: [take], sequential: own.sequential?.(options) ?? false };
          },
        }),
    encode: async (weight, form, seen, options, context) => {
      throwIfCancelled(context.signal);
      const { layer, values } = weight;
      requireFinite(weight);
      const planned = requireKind(form, 'product');
      const basis = own.basis(weight, seen, options);
      const { outFeatures, inFeatures } = layer;
      const { left, right } = factorise(values, outFeatures, inFeatures, basis, planned.rank);
      context.progress?.(1);
      const encoded: Encoded = {
        ...planned,
        left: filled(planned.left, left),
        right: filled(planned.right, right),
      };
      return { encoded };
    },
  };
}

function filled(planned: Encoded, values: Float32Array): Plain {
  return { ...requireKind(planned, 'plain'), values };
}

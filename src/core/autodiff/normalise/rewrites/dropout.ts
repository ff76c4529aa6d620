import type { RewriteContext, RewriteEntry } from '../types.ts';

/** From this version on, an input says whether the operator drops anything; before, it never does. */
const TRAINING_SINCE = 12;

/**
 * Dropout passes its input on, and its mask is all true. Where masks are asked for (training) and the
 * node is in training mode, y = x ⊙ mask/(1 − p) with a mask that becomes an input of the graph, so that
 * whoever trains draws it, seeded (Srivastava et al. 2014, the inverted form).
 */
function dropout(context: RewriteContext) {
  const { emit, input, wants, outputType } = context;
  const [x, p] = [input(0), dropped(context)];
  if (p > 0 && context.masks) {
    const mask = context.masks.add(emit, emit.dims(x), 1 - p);
    const kept = emit.scale(emit.cast(mask, emit.dataType(x)), 1 / (1 - p));
    const flags = wants(1) ? emit.cast(mask, outputType(1).dataType) : undefined;
    return [emit.mul(x, kept), flags];
  }
  const same = emit.unary('Identity', x);
  if (!wants(1)) return [same];
  const { dims, dataType } = outputType(1);
  return [same, emit.cast(emit.expand(emit.scalar(1), dims), dataType)];
}

/** The share p that the node drops: 0 unless it is in training mode. */
function dropped({ opset, has, numbers, refuse }: RewriteContext): number {
  if (opset < TRAINING_SINCE || numbers(2)?.[0] !== 1) return 0;
  const p = has(1) ? numbers(1)?.[0] : 0.5;
  if (p === undefined) {
    throw refuse('computes while it runs how much it drops; export it with a constant ratio');
  }
  if (p >= 0 && p < 1) return p;
  throw refuse(
    `drops the share ${p} of its input, which leaves nothing to learn from; export it with a ratio from 0 to below 1`,
  );
}

export const dropoutRewrites: readonly RewriteEntry[] = [
  { operators: ['Dropout'], rewrite: dropout },
];

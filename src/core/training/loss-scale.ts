/** S of float16 training, and how many steps in a row it served. */
export interface LossScale {
  readonly scale: number;
  readonly served: number;
}

/** Where training begins: 2¹⁶, and from then on as the gradients allow. */
export const FIRST_LOSS_SCALE: LossScale = { scale: 2 ** 16, served: 0 };

/** Steps without overflow after which S is doubled. */
const DOUBLE_AFTER = 2000;
const LARGEST = 2 ** 24;

/** S after a step that was taken. */
export function afterGoodStep({ scale, served }: LossScale): LossScale {
  if (served + 1 < DOUBLE_AFTER || scale >= LARGEST) return { scale, served: served + 1 };
  return { scale: 2 * scale, served: 0 };
}

/**
 * S after a step whose gradient overflowed: half. Undefined when even S = 1 overflows: then it is not
 * the scale that is too large.
 * @see Micikevicius et al. 2018, arXiv:1710.03740, §3.2
 */
export function afterOverflow({ scale }: LossScale): LossScale | undefined {
  return scale > 1 ? { scale: scale / 2, served: 0 } : undefined;
}

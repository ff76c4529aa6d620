import type { Seen } from '../../statistics/seen.ts';
import type { Take } from '../../statistics/take.ts';
import type { Encoder, LayerWeight, MethodMeta } from '../contract.ts';
import type { Basis } from './factorise.ts';
import type { RankOptions } from './rank-options.ts';

/** What one low-rank method is: which directions of a weight it keeps, and what it looks at for that. */
export interface LowRank<Options extends RankOptions> {
  /** What is looked at of the rows that a weight multiplies; absent where the weight alone decides. */
  readonly take?: Take;
  sequential?(options: Options): boolean;
  basis(weight: LayerWeight, seen: Seen, options: Options): Basis;
}

/** Any low-rank method, as the decision of ranks sees it. */
export type AnyLowRank<Options extends RankOptions> = LowRank<Options> & {
  readonly meta: MethodMeta;
  readonly encoder: Encoder<Options>;
};

/**
 * The place where attention mixes positions: softmax(q·kᵀ)·v, written out or as one operator.
 * Values are those right at the product, behind all reshaping and rotation.
 */
export interface AttentionCore {
  /** The Softmax or the fused operator. */
  readonly node: number;
  /** The mixed values (the context). */
  readonly output: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Set when the operator holds the projections itself: what it projects, and its weight. */
  readonly inside?: { readonly weight: string; readonly inFeatures?: number };
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
  /** True when a later position cannot be seen, as far as the operator or its mask tells. */
  readonly causal: boolean;
  /** True when the operator itself rotates q and k. */
  readonly rotary: boolean;
  /** True when keys and values of earlier steps come in as graph inputs. */
  readonly cached: boolean;
}

import type { Continuation, TokenStep } from '../../../../../workers/protocol.ts';

/** KL at which a token gets the full colour, in nats. */
export const FULL_KL = 1;

/** 0…1; the square root spreads the many small values, which a linear scale would leave white. */
export function tone(kl: number | undefined): number {
  return kl === undefined ? 0 : Math.sqrt(Math.min(FULL_KL, Math.max(0, kl)) / FULL_KL);
}

export interface MarkedToken extends TokenStep {
  readonly differs: boolean;
}

/** A side of the comparison with the places marked where the other side chose another token. */
export function markDifferences(
  side: readonly TokenStep[],
  other: readonly TokenStep[],
): MarkedToken[] {
  return side.map((token, at) => ({ ...token, differs: token.id !== other[at]?.id }));
}

export function countDifferences({ original, compressed }: Continuation): number {
  return markDifferences(compressed, original).filter(({ differs }) => differs).length;
}

/** Where one level of colour ends and the next begins, in nats. KL runs over decades, so the steps do too. */
export const KL_EDGES = [1e-3, 1e-2, 1e-1, 1] as const;

/** 0 for a token that makes no difference anyone could see, up to 4. */
export function klLevel(kl: number): number {
  return KL_EDGES.filter((edge) => kl >= edge).length;
}

/** KL in few digits; what rounding leaves of nothing is nothing. */
export function klText(kl: number): string {
  if (kl < 5e-7) return '0';
  return kl < 1e-3 ? kl.toExponential(1) : kl.toPrecision(2);
}

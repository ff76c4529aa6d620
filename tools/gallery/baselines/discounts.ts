/** What is taken off counts of 1, 2 and 3 or more; each below the count it is taken off. */
export type Discounts = readonly [number, number, number];

/**
 * Absolute discounts from counts of counts n₁…n₄. Single: D = Y = n₁/(n₁ + 2n₂) for all counts.
 * Modified: D₁ = 1 − 2Y·n₂/n₁, D₂ = 2 − 3Y·n₃/n₂, D₃₊ = 3 − 4Y·n₄/n₃. Where few n-grams leave an
 * estimate undefined or outside (0, count), Y (or ½ if that fails too) is used instead.
 * @see Ney, Essen & Kneser 1994; Chen & Goodman 1999, eq. 26
 */
export function discountsOf(counts: Iterable<number>, modified: boolean): Discounts {
  const n = [0, 0, 0, 0, 0];
  for (const count of counts) if (count <= 4) n[count]++;
  const ratio = n[1] / (n[1] + 2 * n[2]);
  const y = ratio > 0 && ratio < 1 ? ratio : 0.5;
  if (!modified) return [y, y, y];
  const estimate = (k: number) => {
    const d = k - ((k + 1) * y * n[k + 1]) / n[k];
    return d > 0 && d < k ? d : y;
  };
  return [estimate(1), estimate(2), estimate(3)];
}

/** The largest n ≤ `most` whose file is within the budget, by halving: `fileBytes` grows with n; 0 is known to fit. */
export async function mostThatFit(
  most: number,
  fileBytes: (n: number) => Promise<number>,
  budget: number,
): Promise<number> {
  let [fits, fails] = [0, most + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if ((await fileBytes(middle)) <= budget) fits = middle;
    else fails = middle;
  }
  return fits;
}

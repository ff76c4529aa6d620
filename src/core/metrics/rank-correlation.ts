/**
 * Spearman's rank correlation of two lists of equal length: Pearson's of their ranks, equals sharing the mean of theirs.
 * 1 where both order alike, −1 the other way round, 0 where one of them orders nothing.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (const [at, rank] of x.entries()) {
    const [dx, dy] = [rank - mean, y[at] - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, at) => at);
  order.sort((i, j) => values[i] - values[j]);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let end = from + 1;
    while (end < order.length && values[order[end]] === values[order[from]]) end++;
    for (const at of order.slice(from, end)) found[at] = (from + end - 1) / 2;
    from = end;
  }
  return found;
}

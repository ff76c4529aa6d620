import type { Step } from '../../core/recipe/types.ts';

/** Steps that stand for each other in two recipes, or one that the other recipe lacks; places count from 0. */
export interface AlignedSteps {
  readonly a?: number;
  readonly b?: number;
}

/** Aligns steps by method: the longest common subsequence of both orders, what is left in between. */
export function alignSteps(
  a: readonly Pick<Step, 'method'>[],
  b: readonly Pick<Step, 'method'>[],
): AlignedSteps[] {
  const best = longest(a, b);
  const pairs: AlignedSteps[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i].method === b[j].method) pairs.push({ a: i++, b: j++ });
    else if (best[i + 1][j] >= best[i][j + 1]) pairs.push({ a: i++ });
    else pairs.push({ b: j++ });
  }
  while (i < a.length) pairs.push({ a: i++ });
  while (j < b.length) pairs.push({ b: j++ });
  return pairs;
}

/** best[i][j]: how many steps of a from i and of b from j can stand for each other. */
function longest(
  a: readonly Pick<Step, 'method'>[],
  b: readonly Pick<Step, 'method'>[],
): number[][] {
  const best = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i][j] =
        a[i].method === b[j].method
          ? best[i + 1][j + 1] + 1
          : Math.max(best[i + 1][j], best[i][j + 1]);
    }
  }
  return best;
}

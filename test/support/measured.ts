import type { Ablation } from '../../src/core/ablation/types.ts';
import type { Oracle } from '../../src/core/methods/contract.ts';
import type { Look } from '../../src/core/statistics/look.ts';
import { lookKey, singleLooks } from '../../src/core/statistics/look.ts';
import { seenIn } from '../../src/core/statistics/seen.ts';

export interface Asked {
  readonly ablations: Ablation[][];
  readonly looks: Look[];
}

/** An oracle whose answers are made up: what each ablation costs, and the norms of every value that is looked at. */
export function madeOracle<O>(
  cost: (ablation: Ablation) => number,
  norms: (value: string, columns: number) => Float32Array = (_, columns) =>
    Float32Array.from({ length: columns }, (_value, j) => j + 1),
): { readonly ask: Oracle<O>; readonly asked: Asked } {
  const asked: Asked = { ablations: [], looks: [] };
  const ask: Partial<Oracle<O>> = {
    progress: () => undefined,
    seen: (looks) => {
      asked.looks.push(...looks);
      const results = singleLooks(looks).map(({ view, take }) => {
        const columns = view.rowsOf?.inFeatures ?? 1;
        const values = norms(view.value, columns);
        return [lookKey(view, take), { rows: 1, columns, values }] as const;
      });
      return Promise.resolve(seenIn(new Map(results)));
    },
    losses: (ablations) => {
      asked.ablations.push([...ablations]);
      const rest = { measure: 'kl', standardError: 0.1, n: 4 } as const;
      return Promise.resolve(ablations.map((ablation) => ({ ...rest, value: cost(ablation) })));
    },
  };
  return { ask: ask as Oracle<O>, asked };
}

import type { LayerReport } from '../../../../core/report/types.ts';

export interface Verdict {
  /** Method id of the layers that were compared. */
  readonly method: string;
  readonly won: number;
  readonly total: number;
}

/** Per method: on how many layers it beat its baseline, of those where both were measured. */
export function verdicts(layers: readonly LayerReport[]): Verdict[] {
  const byMethod = new Map<string, { won: number; total: number }>();
  for (const { method, relativeError, baselineRelativeError } of layers) {
    if (baselineRelativeError === undefined) continue;
    const count = byMethod.get(method) ?? { won: 0, total: 0 };
    count.total += 1;
    if (relativeError < baselineRelativeError) count.won += 1;
    byMethod.set(method, count);
  }
  return [...byMethod].map(([method, count]) => ({ method, ...count }));
}

/** Better on most layers; a tie is no win. */
export function isBetter({ won, total }: Verdict): boolean {
  return won * 2 > total;
}

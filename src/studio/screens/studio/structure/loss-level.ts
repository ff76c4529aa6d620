import type { PartLoss } from '../../../../../workers/protocol.ts';
import { structure as t } from '../../../strings/en-structure.ts';
import { KL_EDGES, klText } from '../try/kl-levels.ts';

/** 0 where nobody would miss the part, up to 4; undefined while it was not measured. */
export function lossLevel(loss: PartLoss['loss'] | undefined): number | undefined {
  return loss && KL_EDGES.filter((edge) => loss.value >= edge).length;
}

/** "0.012 ± 0.001 (n 64)" */
export function lossText({ value, standardError, n }: PartLoss['loss']): string {
  return t.loss(klText(value), klText(standardError), n);
}

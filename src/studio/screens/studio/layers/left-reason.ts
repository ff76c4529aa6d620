import type { Layer } from '../../../../core/anatomy/types.ts';
import { layers as t } from '../../../strings/en-layers.ts';

interface Left {
  readonly layer: Layer;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly targeted: boolean;
  /** The recipe has steps. */
  readonly steps: boolean;
}

/**
 * Why a layer takes as much as before; `said` is what the plan says of it. Nothing where it takes less or more: its
 * numbers speak for themselves. A layer that no step works on says so in the page's own words.
 */
export function leftReason(left: Left, said: string | undefined): string | undefined {
  const { layer, bytesBefore, bytesAfter, targeted, steps } = left;
  if (bytesAfter !== bytesBefore) return undefined;
  if (bytesBefore === 0) return t.reasons.shared;
  if (!steps) return t.reasons.noSteps;
  if (targeted) return said ?? t.reasons.same;
  return layer.role === 'position-embedding' ? t.reasons.position : t.reasons.noStep;
}

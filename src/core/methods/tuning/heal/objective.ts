import { recognise } from '../../../anatomy/recognise.ts';
import type { Anatomy } from '../../../anatomy/types.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Objective, ObjectiveTerm, ValuePair } from '../../../training/objective.ts';
import type { Ground } from '../../contract.ts';
import type { HealOptions } from './meta.ts';

/** What of a method's options says whom it learns from. */
export type Guided = Pick<HealOptions, 'from' | 'temperature'> & { readonly hidden?: number };

export interface HealingObjective {
  readonly objective: Objective;
  readonly warnings: readonly string[];
}

/**
 * ½·CE(labels) + ½·τ²·KL(original ‖ healed), or one of the two with weight 1, and w·mean ‖h − h′‖² over the blocks
 * that both have. Blocks are told by the value that leaves them: cuts in depth and width keep its name.
 */
export function healingObjective(
  ground: Ground,
  { from, temperature, hidden = 0 }: Guided,
): HealingObjective {
  const share = from === 'both' ? 1 / 2 : 1;
  const labels: ObjectiveTerm = { kind: 'labels', weight: share };
  if (from === 'labels') return { objective: [labels], warnings: [] };
  const logits: ObjectiveTerm = {
    kind: 'logits',
    weight: share,
    temperature,
    direction: 'forward',
  };
  const objective = from === 'both' ? [labels, logits] : [logits];
  if (hidden === 0) return { objective, warnings: [] };
  const pairs = sharedBlocks(ground);
  if (pairs.length === 0) return { objective, warnings: [NOTHING_SHARED] };
  const term: ObjectiveTerm = { kind: 'hidden', weight: hidden, distance: 'mse', pairs };
  return { objective: [...objective, term], warnings: [] };
}

const NOTHING_SHARED =
  'No block of this model has one of the same width in the original, so hidden states are not compared; the answers are.';

/** Outputs of blocks that are computed in both models, in the same width. */
function sharedBlocks({ model, anatomy, original }: Ground): ValuePair[] {
  const teacher = recognise(original);
  if (teacher.hiddenSize !== anatomy.hiddenSize) return [];
  const guides = new Set(outputsOf(original, teacher));
  return outputsOf(model, anatomy)
    .filter((output) => guides.has(output))
    .map((output) => ({ student: output, teacher: output }));
}

function outputsOf({ graph }: Model, { blocks }: Anatomy): readonly string[] {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  return blocks.map(({ output }) => output).filter((output) => made.has(output));
}

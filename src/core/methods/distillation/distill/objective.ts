import { LatheError } from '../../../errors/lathe-error.ts';
import type {
  BlockPair,
  Objective,
  ObjectiveTerm,
  ValuePair,
} from '../../../training/objective.ts';
import type { DistillOptions } from './meta.ts';

/** Whether anything inside the models is compared, for which blocks must be mapped. */
export function comparesBlocks({ hidden, attention, relations }: DistillOptions): boolean {
  return hidden > 0 || attention > 0 || relations > 0;
}

/**
 * w₁·CE(labels) + w₂·τ²·D(teacher ‖ student) + w₃·mean d(hᵢ, h_{m(i)}) + w₄·mean KL(attention maps) +
 * w₅·KL(relations) of the terms that have a weight. Relations are those of the last pair alone, which leaves
 * the other blocks free to work otherwise than the teacher's (arXiv:2012.15828, §3.2).
 * Throws `objective-empty`.
 */
export function objectiveOf(
  options: DistillOptions,
  blocks: readonly BlockPair[],
  outputs: readonly ValuePair[],
): Objective {
  const { labels, logits, hidden, attention, relations, temperature, direction } = options;
  const terms: ObjectiveTerm[] = [
    { kind: 'labels', weight: labels },
    { kind: 'logits', weight: logits, temperature, direction },
    { kind: 'hidden', weight: hidden, distance: options.hiddenDistance, pairs: outputs },
    { kind: 'attention', weight: attention, pairs: blocks },
    { kind: 'relations', weight: relations, pairs: blocks.slice(-1) },
  ];
  const counting = terms.filter(({ weight }) => weight > 0);
  if (counting.length > 0) return counting;
  throw new LatheError(
    'objective-empty',
    'All weights of the objective are 0, so there is nothing to learn; give the labels, the teacher’s answers or the hidden states a weight.',
  );
}

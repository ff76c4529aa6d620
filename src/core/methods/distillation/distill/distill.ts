import type { z } from 'zod';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Objective, ObjectiveTerm, ValuePair } from '../../../training/objective.ts';
import type { GraphOutcome, TrainingMethod, TrainingSetup } from '../../contract.ts';
import { layerWeights, smallWeights } from '../../tuning/trainable-weights.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { keptBlocks } from './mapping.ts';
import { meta, type options as schema } from './meta.ts';
import { oneStack, withoutBlocks } from './shallow.ts';

export type DistillOptions = z.infer<typeof schema>;

/**
 * min over the student's weights of w₁·CE(labels) + w₂·τ²·D(teacher ‖ student) + w₃·Σ d(hᵢ, h_{m(i)}), the
 * teacher being the original and m the map from the student's blocks to the teacher's it was copied from.
 */
export const distill: TrainingMethod<DistillOptions> = {
  kind: 'training',
  meta,
  prepare: async (model, anatomy, targets, options, { original }): Promise<TrainingSetup> => {
    const objective = objectiveOf(options, anatomy);
    const student = studentOf(model, anatomy, options);
    const { names, skipped } = trainable(student, targets);
    const small = smallWeights(student.graph);
    const left = new Set(skipped.map(({ name }) => name));
    return {
      student,
      trainable: [...names, ...small],
      teacher: original,
      objective,
      keepZeros: true,
      settings: settingsOf(options),
      touched: targets.map(({ name }) => name).filter((name) => !left.has(name)),
      skipped,
      finish: async (trained) => trained,
      planned: student,
    };
  },
};

function studentOf(model: Model, anatomy: Anatomy, options: DistillOptions): Model {
  if (options.student === 'compressed') return model;
  return withoutBlocks(model, anatomy, keptBlocks(oneStack(anatomy).length, options));
}

/** Weights of targets that are still there and are numbers; those of removed blocks are no news. */
function trainable(
  student: Model,
  targets: readonly Layer[],
): { readonly names: readonly string[]; readonly skipped: GraphOutcome['skipped'] } {
  const made = new Set(student.graph.nodes.flatMap(({ outputs }) => outputs));
  return layerWeights(
    student,
    targets.filter(({ output }) => made.has(output)),
  );
}

function objectiveOf(options: DistillOptions, anatomy: Anatomy): Objective {
  const { labels, logits, hidden, temperature, direction, hiddenDistance: distance } = options;
  const terms: ObjectiveTerm[] = [
    { kind: 'labels', weight: labels },
    { kind: 'logits', weight: logits, temperature, direction },
    { kind: 'hidden', weight: hidden, distance, pairs: hidden > 0 ? pairs(anatomy, options) : [] },
  ];
  const counting = terms.filter(({ weight }) => weight > 0);
  if (counting.length > 0) return counting;
  throw new LatheError(
    'objective-empty',
    'All weights of the objective are 0, so there is nothing to learn; give the labels, the teacher’s answers or the hidden states a weight.',
  );
}

/** Each kept block's output beside the same block's in the teacher. */
function pairs(anatomy: Anatomy, options: DistillOptions): ValuePair[] {
  const blocks = oneStack(anatomy);
  const all = blocks.map((_, index) => index);
  const kept = options.student === 'shallow' ? keptBlocks(blocks.length, options) : all;
  return kept.map((index) => ({
    student: blocks[index].output,
    teacher: blocks[index].output,
  }));
}

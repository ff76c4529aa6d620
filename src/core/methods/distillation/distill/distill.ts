import type { z } from 'zod';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { Model } from '../../../onnx/types.ts';
import type { BlockPair } from '../../../training/objective.ts';
import type { GraphOutcome, TrainingMethod, TrainingSetup } from '../../contract.ts';
import { layerWeights, smallWeights } from '../../tuning/trainable-weights.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { generationOf } from './generated.ts';
import { keptBlocks, spread } from './mapping.ts';
import { meta, type options as schema } from './meta.ts';
import { comparesBlocks, objectiveOf } from './objective.ts';
import { blockPairs, outputPairs, type Recognised } from './pairs.ts';
import { withoutProjections, withProjections } from './projection.ts';
import { oneStack, withoutBlocks } from './shallow.ts';

export type DistillOptions = z.infer<typeof schema>;

/**
 * min over the student's weights of the objective (`objectiveOf`), the teacher being the original and m
 * the map from the student's blocks to the teacher's they stand for.
 */
export const distill: TrainingMethod<DistillOptions> = {
  kind: 'training',
  meta,
  prepare: async (model, anatomy, targets, options, context): Promise<TrainingSetup> => {
    const { original, random } = context;
    const teacher = { graph: original.graph, anatomy: teacherAnatomy(original, anatomy) };
    const plain = studentOf(model, anatomy, options);
    const blocks = comparesBlocks(options) ? pairsOf(plain, anatomy, teacher) : [];
    const widths = [anatomy.hiddenSize, teacher.anatomy.hiddenSize] as const;
    const outputs = options.hidden > 0 ? outputPairs(blocks) : [];
    const { student, pairs, projections } = withProjections(plain, outputs, widths, random);
    const { names, skipped } = trainable(student, targets);
    const left = new Set(skipped.map(({ name }) => name));
    return {
      student,
      trainable: [...names, ...smallWeights(student.graph), ...projections],
      teacher: original,
      ...generationOf(options),
      objective: objectiveOf(options, blocks, pairs),
      keepZeros: true,
      settings: settingsOf(options),
      touched: targets.map(({ name }) => name).filter((name) => !left.has(name)),
      skipped,
      finish: async (trained) => withoutProjections(trained, projections),
      planned: plain,
    };
  },
};

function studentOf(model: Model, anatomy: Anatomy, options: DistillOptions): Model {
  if (options.student === 'compressed') return model;
  return withoutBlocks(model, anatomy, keptBlocks(oneStack(anatomy).length, options));
}

/** A step before may have put another model in the original's place; then its anatomy is not the teacher's. */
function teacherAnatomy(original: Model, anatomy: Anatomy): Anatomy {
  const made = new Set(original.graph.nodes.flatMap(({ outputs }) => outputs));
  return anatomy.blocks.every(({ output }) => made.has(output)) ? anatomy : recognise(original);
}

function pairsOf(student: Model, anatomy: Anatomy, teacher: Recognised): BlockPair[] {
  const { graph } = student;
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const blocks = oneStack(anatomy);
  const present = blocks.flatMap(({ output }, index) => (made.has(output) ? [index] : []));
  const stems = teacher.anatomy === anatomy;
  const kept = stems ? present : spread(oneStack(teacher.anatomy).length, present.length);
  return blockPairs({ graph, anatomy }, teacher, kept);
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

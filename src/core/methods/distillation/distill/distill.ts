import { recognise } from '../../../anatomy/recognise.ts';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { Model } from '../../../onnx/types.ts';
import type { BlockPair } from '../../../training/objective.ts';
import type { Random, TrainingMethod, TrainingSetup } from '../../contract.ts';
import { layerWeights, smallWeights } from '../../tuning/trainable-weights.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { freshStudent, freshWeights } from './fresh/build.ts';
import { generationOf } from './generated.ts';
import { keptBlocks, spread } from './mapping.ts';
import { meta, type DistillOptions } from './meta.ts';
import { comparesBlocks, objectiveOf } from './objective.ts';
import { blockPairs, outputPairs, type Recognised } from './pairs.ts';
import { withoutProjections, withProjections } from './projection.ts';
import { oneStack, withoutBlocks } from './shallow.ts';

/**
 * min over the student's weights of the objective (`objectiveOf`), the teacher being the original and m
 * the map from the student's blocks to the teacher's they stand for.
 */
export const distill: TrainingMethod<DistillOptions> = {
  kind: 'training',
  meta,
  prepare: async (model, anatomy, targets, options, { original, random }) => {
    const teacher = { graph: original.graph, anatomy: teacherAnatomy(original, anatomy) };
    const pupil = await pupilOf(model, anatomy, original, teacher.anatomy, options, random);
    const blocks = comparesBlocks(options) ? pairsOf(pupil, teacher, anatomy) : [];
    const widths = [pupil.anatomy.hiddenSize, teacher.anatomy.hiddenSize] as const;
    const outputs = options.hidden > 0 ? outputPairs(blocks) : [];
    const { student, pairs, projections } = withProjections(pupil.model, outputs, widths, random);
    const { names, skipped, touched } = pupil.fresh
      ? { names: freshWeights(pupil.model), skipped: [], touched: targets.map(({ name }) => name) }
      : trainable(student, targets);
    return {
      student,
      trainable: [...names, ...projections],
      teacher: original,
      ...generationOf(options),
      objective: objectiveOf(options, blocks, pairs),
      keepZeros: true,
      settings: settingsOf(options),
      touched,
      skipped,
      finish: async (trained) => withoutProjections(trained, projections),
      planned: pupil.model,
      ...(pupil.fresh && { anatomy: pupil.anatomy }),
    };
  },
};

/** The model that learns. */
interface Pupil {
  readonly model: Model;
  readonly anatomy: Anatomy;
  /** Built anew: nothing in it comes from the model before. */
  readonly fresh: boolean;
  /** The teacher's blocks that its blocks stand for, where the options say. */
  readonly kept?: readonly number[];
}

async function pupilOf(
  model: Model,
  anatomy: Anatomy,
  original: Model,
  guide: Anatomy,
  options: DistillOptions,
  random: Random,
): Promise<Pupil> {
  if (options.student === 'compressed') return { model, anatomy, fresh: false };
  if (options.student === 'shallow') {
    const kept = keptBlocks(oneStack(anatomy).length, options);
    return { model: withoutBlocks(model, anatomy, kept), anatomy, fresh: false };
  }
  const kept = keptBlocks(oneStack(guide).length, options);
  const size = { blocks: kept.length, width: options.width };
  const built = await freshStudent(original, guide, size, random);
  return { model: built, anatomy: recognise(built), fresh: true, kept };
}

/** A step before may have put another model in the original's place; then its anatomy is not the teacher's. */
function teacherAnatomy(original: Model, anatomy: Anatomy): Anatomy {
  const made = new Set(original.graph.nodes.flatMap(({ outputs }) => outputs));
  const own = anatomy.blocks.every(({ output }) => made.has(output));
  return own ? anatomy : recognise(original);
}

function pairsOf(pupil: Pupil, teacher: Recognised, before: Anatomy): BlockPair[] {
  const { graph } = pupil.model;
  const student = { graph, anatomy: pupil.anatomy };
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const blocks = oneStack(pupil.anatomy);
  const present = blocks.flatMap(({ output }, index) => (made.has(output) ? [index] : []));
  const stems = !pupil.fresh && teacher.anatomy === before;
  const kept = stems ? present : spread(oneStack(teacher.anatomy).length, present.length);
  return blockPairs(student, teacher, pupil.kept ?? kept);
}

/**
 * Weights of targets that are still there and are numbers, with the small ones around them; those of
 * removed blocks are no news.
 */
function trainable(student: Model, targets: readonly Layer[]): Trainable {
  const made = new Set(student.graph.nodes.flatMap(({ outputs }) => outputs));
  const there = targets.filter(({ output }) => made.has(output));
  const { names, skipped } = layerWeights(student, there);
  const left = new Set(skipped.map(({ name }) => name));
  return {
    names: [...names, ...smallWeights(student.graph)],
    skipped,
    touched: targets.map(({ name }) => name).filter((name) => !left.has(name)),
  };
}

type Trainable = Pick<TrainingSetup, 'skipped' | 'touched'> & { readonly names: readonly string[] };

import { recognise } from '../../../anatomy/recognise.ts';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { Model } from '../../../onnx/types.ts';
import type { BlockPair } from '../../../training/objective.ts';
import type { Ground, Method, Skipped, TrainingSetup } from '../../contract.ts';
import type { Random } from '../../../random/random.ts';
import { differentiable } from '../../tuning/differentiable.ts';
import { trainedBytes, withHoles } from '../../tuning/train-holes.ts';
import { trainedLines } from '../../tuning/trained-lines.ts';
import { layerWeights, smallWeights } from '../../tuning/trainable-weights.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { freshStudent, freshWeights } from './fresh/build.ts';
import { generationOf } from './generated.ts';
import { keptBlocks, spread } from './mapping.ts';
import { meta, type DistillOptions } from './meta.ts';
import { comparesBlocks, objectiveOf } from './objective.ts';
import { blockPairs, outputPairs, type Recognised } from './pairs.ts';
import { withProjections } from './projection.ts';
import { oneStack, withoutBlocks } from './shallow.ts';

/**
 * min over the student's weights of the objective (`objectiveOf`), the teacher being the original and m
 * the map from the student's blocks to the teacher's they stand for.
 */
export const distill: Method<DistillOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const generation = generationOf(options);
    const pupil = await pupilOf(ground, options);
    pairsFor(pupil, ground, options);
    const { names, skipped, touched } = trainable(pupil, targets);
    const planned = withHoles(pupil.model, names);
    if (names.length === 0) return { model: planned, lines: [], skipped, work: [] };
    return {
      model: planned,
      ...(pupil.fresh && { anatomy: pupil.anatomy }),
      lines: trainedLines(ground.model, planned, touched),
      skipped,
      work: [
        {
          kind: 'train',
          settings: settingsOf(options),
          ...generation,
          setup: (own, { random }) => setupOf(own, options, names, random),
        },
      ],
    };
  },
};

/** The training as it begins: a fresh student's weights and the projections are drawn, in this order. */
async function setupOf(
  ground: Ground,
  options: DistillOptions,
  names: readonly string[],
  random: Random | undefined,
): Promise<TrainingSetup> {
  const pupil = await pupilOf(ground, options, random);
  const { blocks, teacher } = pairsFor(pupil, ground, options);
  const widths = [pupil.anatomy.hiddenSize, teacher.hiddenSize] as const;
  const outputs = options.hidden > 0 ? outputPairs(blocks) : [];
  const frozen = await differentiable(pupil.model, random === undefined);
  const { student, pairs, projections } = withProjections(frozen, outputs, widths, random);
  return {
    student,
    trainable: [...names, ...projections],
    teacher: ground.original,
    objective: objectiveOf(options, blocks, pairs),
    keepZeros: true,
    finish: (trained) => trainedBytes(trained, names),
  };
}

/** The model that learns. */
interface Pupil {
  readonly model: Model;
  readonly anatomy: Anatomy;
  /** Built anew: nothing in it comes from the model before. */
  readonly fresh: boolean;
  /** The teacher's blocks that its blocks stand for, where the options say. */
  readonly kept?: readonly number[];
}

async function pupilOf(ground: Ground, options: DistillOptions, random?: Random): Promise<Pupil> {
  const { model, anatomy, original } = ground;
  if (options.student === 'compressed') return { model, anatomy, fresh: false };
  if (options.student === 'shallow') {
    const kept = keptBlocks(oneStack(anatomy).length, options);
    return { model: withoutBlocks(model, anatomy, kept), anatomy, fresh: false };
  }
  const guide = teacherAnatomy(original, anatomy);
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

/** Which blocks are compared, and what was recognised in the teacher. Throws `blocks-differ`. */
function pairsFor(
  pupil: Pupil,
  { anatomy, original }: Ground,
  options: DistillOptions,
): { readonly blocks: readonly BlockPair[]; readonly teacher: Anatomy } {
  const teacher = teacherAnatomy(original, anatomy);
  if (!comparesBlocks(options)) return { blocks: [], teacher };
  return { blocks: pairsOf(pupil, { graph: original.graph, anatomy: teacher }, anatomy), teacher };
}

function pairsOf(pupil: Pupil, teacher: Recognised, before: Anatomy): readonly BlockPair[] {
  const { graph } = pupil.model;
  const student = { graph, anatomy: pupil.anatomy };
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const blocks = oneStack(pupil.anatomy);
  const present = blocks.flatMap(({ output }, index) => (made.has(output) ? [index] : []));
  const stems = !pupil.fresh && teacher.anatomy === before;
  const kept = stems ? present : spread(oneStack(teacher.anatomy).length, present.length);
  return blockPairs(student, teacher, pupil.kept ?? kept);
}

interface Trainable {
  readonly names: readonly string[];
  readonly skipped: readonly Skipped[];
  /** Layers whose own weights come out changed. */
  readonly touched: readonly Layer[];
}

/**
 * All weights of a fresh student; of another one, weights of targets that are still there and are numbers,
 * with the small ones around them. Those of removed blocks are no news.
 */
function trainable({ model, fresh }: Pupil, targets: readonly Layer[]): Trainable {
  if (fresh) return { names: freshWeights(model), skipped: [], touched: targets };
  const made = new Set(model.graph.nodes.flatMap(({ outputs }) => outputs));
  const there = targets.filter(({ output }) => made.has(output));
  const { names, skipped } = layerWeights(model, there);
  const left = new Set(skipped.map(({ name }) => name));
  return {
    names: [...names, ...smallWeights(model)],
    skipped,
    touched: targets.filter(({ name }) => !left.has(name)),
  };
}

import { LatheError } from '../errors/lathe-error.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { attentionFinder, type BlockAttention } from './block-attention.ts';
import { attentionDivergence, type AttentionMap } from './losses/attention.ts';
import type { Side } from './compared-values.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import { cosineDistance, meanSquaredError } from './losses/distance.ts';
import { divergence } from './losses/divergence.ts';
import { relationDivergence, type HeadVectors } from './losses/relations.ts';
import type { Loss, WeightedLoss } from './losses/types.ts';
import type { BlockPair, BlockPlace, Objective, ObjectiveTerm, ValuePair } from './objective.ts';
import { teacherValue } from './teacher.ts';

/** What the terms of an objective read. Models are normalised; the teacher's names are its own. */
export interface LossGround {
  readonly student: Model;
  readonly teacher?: Model;
  /** Scores of the student, and of the teacher. */
  readonly logits: string;
  readonly guide?: string;
  readonly labels: string;
  readonly batch: number;
}

type Term<Kind extends ObjectiveTerm['kind']> = Extract<ObjectiveTerm, { kind: Kind }>;

/**
 * The losses of an objective over the values of student and teacher. Throws `no-teacher`,
 * `attention-missing`, `attention-heads`, `relations-missing`.
 */
export function lossesOf(objective: Objective, ground: LossGround): WeightedLoss[] {
  const counting = objective.filter(({ weight }) => weight !== 0);
  const guided = counting.find(({ kind }) => kind !== 'labels');
  if (guided && ground.guide === undefined) throw noTeacher(guided.kind);
  const blocks = blockFinder(ground);
  return counting.flatMap((term) => {
    switch (term.kind) {
      case 'labels':
        return one(term, crossEntropy(ground.logits, ground.labels));
      case 'logits':
        return one(term, logitsLoss(term, ground));
      case 'hidden':
        return meanOf(term, term.pairs, (pair) => pairLoss(pair, term.distance));
      case 'attention':
        return meanOf(term, term.pairs, (pair) => mapLoss(pair, blocks));
      case 'relations':
        return term.pairs.flatMap((pair, at) => relationLosses(term, pair, at, blocks));
    }
  });
}

function one({ kind, weight }: ObjectiveTerm, loss: Loss): WeightedLoss[] {
  return [{ name: kind, weight, loss }];
}

/** One loss per pair, their weights summing to the term's. */
function meanOf<Pair>(
  { kind, weight }: ObjectiveTerm,
  pairs: readonly Pair[],
  lossOf: (pair: Pair) => Loss,
): WeightedLoss[] {
  return pairs.map((pair, k) => ({
    name: `${kind} ${k}`,
    weight: weight / pairs.length,
    loss: lossOf(pair),
  }));
}

function logitsLoss(term: Term<'logits'>, { logits, guide = '', labels }: LossGround): Loss {
  return divergence(logits, teacherValue(guide), labels, term);
}

const DISTANCES = { mse: meanSquaredError, cosine: cosineDistance } as const;

function pairLoss({ student, teacher, projection }: ValuePair, distance: 'mse' | 'cosine'): Loss {
  return (emit) => {
    const own = projection === undefined ? student : emit.cast(student, DataType.float32);
    const projected = projection === undefined ? own : emit.matmul(own, projection);
    return DISTANCES[distance](projected, teacherValue(teacher))(emit);
  };
}

interface Found {
  readonly student: BlockAttention;
  readonly teacher: BlockAttention;
}

type BlockFinder = (pair: BlockPair) => Found;

/** Attention of both blocks of a pair; graphs are only looked through when one is asked for. */
function blockFinder({ student, teacher, batch }: LossGround): BlockFinder {
  let own: ReturnType<typeof attentionFinder> | undefined;
  let guides: ReturnType<typeof attentionFinder> | undefined;
  return (pair) => {
    own ??= attentionFinder(student, batch);
    guides ??= attentionFinder(teacher ?? student, batch);
    return {
      student: own(pair.student) ?? missing(pair.student, 'student'),
      teacher: ofTeacher(guides(pair.teacher) ?? missing(pair.teacher, 'teacher')),
    };
  };
}

/** The same under the names of the joint graph. */
function ofTeacher({ map, query, key, value }: BlockAttention): BlockAttention {
  const renamed = (vectors?: HeadVectors) =>
    vectors && { ...vectors, value: teacherValue(vectors.value) };
  const { scores, shares } = map;
  return {
    map: { ...map, scores: teacherValue(scores), shares: teacherValue(shares) },
    query: renamed(query),
    key: renamed(key),
    value: renamed(value),
  };
}

function mapLoss(pair: BlockPair, blocks: BlockFinder): Loss {
  const { student, teacher } = blocks(pair);
  checkHeads(pair, student.map, teacher.map);
  return attentionDivergence(student.map, teacher.map);
}

const RELATIONS = ['query', 'key', 'value'] as const;

function relationLosses(
  { weight, pairs }: Term<'relations'>,
  pair: BlockPair,
  at: number,
  blocks: BlockFinder,
): WeightedLoss[] {
  const { student, teacher } = blocks(pair);
  return RELATIONS.map((part) => {
    const own = student[part] ?? unclear(pair.student, 'student', part);
    const guide = teacher[part] ?? unclear(pair.teacher, 'teacher', part);
    return {
      name: `relations ${at} ${part}`,
      weight: weight / (pairs.length * RELATIONS.length),
      loss: relationDivergence(own, guide, teacher.map),
    };
  });
}

function checkHeads(pair: BlockPair, student: AttentionMap, teacher: AttentionMap): void {
  const [own, guide] = [student.dims[1], teacher.dims[1]];
  if (own === guide) return;
  throw new LatheError(
    'attention-heads',
    `Block ${pair.student.index} of the student has ${own} attention heads and block ${pair.teacher.index} of the teacher ${guide}, so their attention maps cannot be compared head by head; give the relations a weight instead, which need no equal heads.`,
    { student: own, teacher: guide },
  );
}

function missing({ index }: BlockPlace, side: Side): never {
  throw new LatheError(
    'attention-missing',
    `No softmax whose rows are multiplied with values was found in block ${index} of the ${side}, so its attention cannot be compared; set the weights of the attention maps and the relations to 0.`,
    { block: index, side },
  );
}

function unclear({ index }: BlockPlace, side: Side, part: string): never {
  throw new LatheError(
    'relations-missing',
    `The ${part} vectors in block ${index} of the ${side} could not be told apart by token and head, so their relations cannot be compared; set the weight of the relations to 0.`,
    { block: index, side, part },
  );
}

function noTeacher(kind: string): LatheError {
  return new LatheError(
    'no-teacher',
    `The objective compares "${kind}" with a teacher, and there is none; name a teacher or use labels only.`,
  );
}

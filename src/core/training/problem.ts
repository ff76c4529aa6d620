import { normalise } from '../autodiff/normalise/normalise.ts';
import { staticValues } from '../autodiff/static-values.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { batchBindings, type BatchShape } from './bindings.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import { cosineDistance, meanSquaredError } from './losses/distance.ts';
import { divergence } from './losses/divergence.ts';
import type { Loss, WeightedLoss } from './losses/types.ts';
import type { Objective, ObjectiveTerm, ValuePair } from './objective.ts';
import { layOutParameters } from './parameters.ts';
import { teacherValue, withTeacher } from './teacher.ts';
import type { TrainingInput } from './training-graph.ts';

/** Name of the graph input that holds the labels: −100 marks positions without one. */
export const LABELS = 'train.labels';

/** What is to be trained, on what, how. */
export interface TrainingProblem {
  readonly student: Model;
  /** Initializers of `student` that change. */
  readonly trainable: readonly string[];
  readonly teacher?: Model;
  readonly objective: Objective;
  readonly shape: BatchShape;
}

export interface PosedProblem {
  readonly input: TrainingInput;
  /** The scores [batch, …, classes]. */
  readonly logits: string;
  readonly classes: number;
  /** Sizes of the labels: those of the scores without the last. */
  readonly labelDims: readonly number[];
}

/**
 * Turns a problem into what training graphs are built from: fixed sizes, primitives, the teacher beside
 * the student, losses over their values.
 * Throws `no-scores`, `teacher-classes`, `training-shape`, what `normalise` and `layOutParameters` throw.
 */
export function poseProblem(problem: TrainingProblem): PosedProblem {
  const { student, teacher, trainable, objective, shape } = problem;
  const own = normalise(student, batchBindings(student.graph, shape));
  const forward =
    teacher && objective.some(({ kind }) => kind !== 'labels')
      ? withTeacher(own, normalise(teacher, batchBindings(teacher.graph, shape)))
      : own;
  const logits = scoresOf(own);
  const { dims } = logits;
  const labelDims = dims.slice(0, -1);
  const guide = teacher && scoresOf(teacher).name;
  if (guide !== undefined) checkClasses(forward, guide, dims[dims.length - 1]);
  return {
    input: {
      forward,
      layout: layOutParameters(own, trainable),
      scaled: computesInHalf(own),
      extraInputs: [makeValueInfo(LABELS, DataType.int64, labelDims)],
      losses: objective.flatMap((term) => lossesOf(term, logits.name, guide)),
    },
    logits: logits.name,
    classes: dims[dims.length - 1],
    labelDims,
  };
}

/** Whether any value of the graph is float16: its gradient will be, too. */
function computesInHalf(model: Model): boolean {
  const values = staticValues(model);
  const { initializers, nodes } = model.graph;
  const made = [...initializers.map(({ name }) => name), ...nodes.flatMap((node) => node.outputs)];
  return made.some((value) => values.type(value)?.dataType === DataType.float16);
}

/** The output that holds scores: `logits`, else the first of floating point with at least two axes. */
function scoresOf(model: Model): { readonly name: string; readonly dims: readonly number[] } {
  const values = staticValues(model);
  const floats = model.graph.outputs.filter(({ name, type }) => {
    const dataType = values.type(name)?.dataType ?? type?.dataType;
    return dataType === DataType.float32 || dataType === DataType.float16;
  });
  const chosen = floats.find(({ name }) => name === 'logits') ?? floats.at(0);
  if (chosen === undefined) throw noScores();
  return { name: chosen.name, dims: values.type(chosen.name)?.dims ?? [] };
}

function lossesOf(term: ObjectiveTerm, logits: string, guide: string | undefined): WeightedLoss[] {
  const { weight } = term;
  if (weight === 0) return [];
  if (term.kind === 'labels')
    return [{ name: 'labels', weight, loss: crossEntropy(logits, LABELS) }];
  if (guide === undefined) throw noTeacher(term.kind);
  if (term.kind === 'logits') {
    return [
      { name: 'logits', weight, loss: divergence(logits, teacherValue(guide), LABELS, term) },
    ];
  }
  return term.pairs.map((pair, k) => ({
    name: `hidden ${k}`,
    weight: weight / term.pairs.length,
    loss: pairLoss(pair, term.distance),
  }));
}

const DISTANCES = { mse: meanSquaredError, cosine: cosineDistance } as const;

function pairLoss({ student, teacher, projection }: ValuePair, distance: 'mse' | 'cosine'): Loss {
  return (emit) => {
    const projected = projection === undefined ? student : emit.matmul(student, projection);
    return DISTANCES[distance](projected, teacherValue(teacher))(emit);
  };
}

function checkClasses(forward: Model, guide: string, classes: number): void {
  const dims = staticValues(forward).type(teacherValue(guide))?.dims;
  const found = dims?.[dims.length - 1];
  if (found === undefined || found === classes) return;
  throw new LatheError(
    'teacher-classes',
    `The teacher scores ${found} classes or tokens and the student ${classes}, so their answers cannot be compared; choose a teacher with the same vocabulary or labels.`,
    { teacher: found, student: classes },
  );
}

function noScores(): LatheError {
  return new LatheError(
    'no-scores',
    "None of the model's outputs holds floating-point scores, so there is nothing to train towards; export the model with its logits.",
  );
}

function noTeacher(kind: string): LatheError {
  return new LatheError(
    'no-teacher',
    `The objective compares "${kind}" with a teacher, and there is none; name a teacher or use labels only.`,
  );
}

import { MaskInputs, type DropoutMask } from '../autodiff/normalise/masks.ts';
import { staticValues } from '../autodiff/static-values.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import type { BatchShape } from './bindings.ts';
import { normaliseFor } from './compared-values.ts';
import type { Objective } from './objective.ts';
import { maskedPart, type Masked } from './masking.ts';
import { lossesOf } from './objective-losses.ts';
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
  /** Trainable matrices that take part under a mask. */
  readonly masked?: Masked | undefined;
}

export interface PosedProblem {
  readonly input: TrainingInput;
  /** Inputs of `input` that say which entries each Dropout keeps: drawn anew for every batch. */
  readonly masks: readonly DropoutMask[];
  /** The same with every Dropout passing its input on: what held-out data is judged by. */
  readonly judged: TrainingInput;
  /** The scores [batch, …, classes]. */
  readonly logits: string;
  readonly classes: number;
  /** Sizes of the labels: those of the scores without the last. */
  readonly labelDims: readonly number[];
}

/**
 * Turns a problem into what training graphs are built from: fixed sizes, primitives, the teacher beside
 * the student, losses over their values.
 * Throws `no-scores`, `teacher-classes`, `training-shape`, what `normaliseFor`,
 * `layOutParameters` and `lossesOf` throw.
 */
export function poseProblem(problem: TrainingProblem): PosedProblem {
  const inputs = new MaskInputs();
  const posed = pose(problem, inputs);
  const { masks } = inputs;
  return { ...posed, masks, judged: masks.length === 0 ? posed.input : pose(problem).input };
}

/** The problem with or without masks. */
function pose(
  problem: TrainingProblem,
  masks?: MaskInputs,
): Omit<PosedProblem, 'masks' | 'judged'> {
  const { student, teacher, objective, shape, masked } = problem;
  const own = normaliseFor(student, 'student', objective, shape, masks);
  const guided = objective.some(({ kind }) => kind !== 'labels');
  const normal = teacher && guided ? normaliseFor(teacher, 'teacher', objective, shape) : undefined;
  const forward = normal ? withTeacher(own, normal) : own;
  const logits = scoresOf(own);
  const { dims } = logits;
  const labelDims = dims.slice(0, -1);
  const guide = teacher && scoresOf(teacher).name;
  if (guide !== undefined) checkClasses(forward, guide, dims[dims.length - 1]);
  const layout = layOutParameters(own, inOrder(problem));
  return {
    input: {
      forward,
      layout,
      masked: masked && maskedPart(layout, masked),
      scaled: computesInHalf(own),
      extraInputs: [makeValueInfo(LABELS, DataType.int64, labelDims)],
      losses: lossesOf(objective, {
        ...{ student: own, teacher: normal, logits: logits.name, guide, labels: LABELS },
        batch: shape.batch,
      }),
    },
    logits: logits.name,
    classes: dims[dims.length - 1],
    labelDims,
  };
}

/** What takes part under a mask comes first in θ. */
function inOrder({ trainable, masked }: TrainingProblem): readonly string[] {
  return [...new Set([...(masked?.names ?? []), ...trainable])];
}

/** Whether any value of the graph is float16: its gradient will be, too. */
export function computesInHalf(model: Model): boolean {
  const values = staticValues(model);
  const { initializers, nodes } = model.graph;
  const made = [...initializers.map(({ name }) => name), ...nodes.flatMap((node) => node.outputs)];
  return made.some((value) => values.type(value)?.dataType === DataType.float16);
}

/** The output that holds scores: `logits`, else the first of floating point with at least two axes. */
export function scoresOf(model: Model): {
  readonly name: string;
  readonly dims: readonly number[];
} {
  const values = staticValues(model);
  const floats = model.graph.outputs.filter(({ name, type }) => {
    const dataType = values.type(name)?.dataType ?? type?.dataType;
    return dataType === DataType.float32 || dataType === DataType.float16;
  });
  const chosen = floats.find(({ name }) => name === 'logits') ?? floats.at(0);
  if (chosen === undefined) throw noScores();
  return { name: chosen.name, dims: values.type(chosen.name)?.dims ?? [] };
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

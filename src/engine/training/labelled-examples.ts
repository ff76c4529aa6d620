import { bytesOf } from '../../core/data/fingerprint.ts';
import type { PositionLabels } from '../../core/data/position-labels.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Bindings } from '../../core/onnx/shape/dimension.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { LABELS } from '../../core/training/problem.ts';
import type { Value } from '../../core/tensor/values.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { groupsOf, type Examples } from '../data/examples.ts';
import { fixedLength, hasMask } from '../data/token-lengths.ts';
import { sha256Of } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import {
  longs,
  outsideClasses,
  split,
  trainingBatch,
  validationBatches,
  type FeedsOf,
} from './held-out.ts';
import type { TrainingData } from './types.ts';

export interface LabelledOptions {
  readonly batch: number;
  /** Sizes that the model's file leaves open. */
  readonly sizes?: Bindings;
  /** A class for each position rather than one for each example. */
  readonly positions?: boolean;
}

/**
 * Examples with a class each, or with one for each position: arrays, or texts in tokens, padded to one
 * length; padding has no labels. Throws `labels-missing`, `training-data-small`, `training-mask`.
 */
export async function labelledExamples(
  open: OpenModel,
  examples: Examples,
  { batch, sizes, positions = false }: LabelledOptions,
): Promise<TrainingData> {
  const { name, count, unit, length } = examples;
  const labels = positions ? examples.positionLabels : exampleLabels(examples);
  if (labels === undefined) throw positions ? noPositionLabels(examples) : noLabels(examples);
  const parts = split(name, count, unit);
  const feeds: FeedsOf = (ports, indices, real) => {
    const own = ports.filter((port) => port.name !== LABELS);
    const size = positions ? (fixedLength(own) ?? labels.width) : undefined;
    return {
      ...examples.batch(own, indices).feeds,
      [LABELS]: labelsOf(labels, indices, real, size),
    };
  };
  checkInputs(open, examples, [...parts.trained, ...parts.held]);
  return {
    sha256: await sha256Of([...examples.bytes(), bytesOf(labels.values)]),
    shape: { batch, ...(sizes && { sizes }), ...(length !== undefined && { length }) },
    count: parts.trained.length,
    heldOut: parts.held.length,
    labelsPerBatch: batch * (positions ? labels.width : 1),
    checkClasses: (classes) => {
      const outside = labels.values.find(
        (label) => label !== IGNORE_INDEX && (label < 0 || label >= classes),
      );
      if (outside !== undefined) throw outsideClasses(name, outside, classes);
    },
    batch: trainingBatch(feeds, batch, parts),
    validation: validationBatches(feeds, batch, parts),
  };
}

/** One class per example, as rows of one. */
function exampleLabels({ labels }: Examples): PositionLabels | undefined {
  return labels && { width: 1, values: labels };
}

/** Labels [batch], or [batch, size] by position; rows that only fill a batch up have none, nor has padding. */
function labelsOf(
  { width, values }: PositionLabels,
  indices: readonly number[],
  real: number,
  size: number | undefined,
): Value {
  const chosen = indices.flatMap((index, row) =>
    Array.from({ length: size ?? 1 }, (_, at) =>
      row < real && at < width ? values[index * width + at] : IGNORE_INDEX,
    ),
  );
  return longs(size === undefined ? [indices.length] : [indices.length, size], chosen);
}

const CHECKED_TOGETHER = 256;

/** Arrays that the inputs cannot take are named before the run, whatever batch they would come in. */
function checkInputs({ model, name }: OpenModel, examples: Examples, all: readonly number[]): void {
  const ports = inputPorts(model);
  const unequal = examples.unit === 'text' || examples.ragged === true;
  const padded = unequal && fixedLength(ports) === undefined;
  if (padded && !hasMask(ports)) throw noMask(name);
  for (const { indices } of groupsOf(all, CHECKED_TOGETHER, false)) examples.batch(ports, indices);
}

function noMask(name: string): LatheError {
  return new LatheError(
    'training-mask',
    `The model "${name}" has no input "attention_mask", so texts of different lengths cannot be trained on: padding would change its answers; export the model with its attention mask.`,
  );
}

function noLabels({ name, unit }: Examples): LatheError {
  const remedy =
    unit === 'text'
      ? 'give a table (.csv or .tsv) with the columns "text" and "label", or a .jsonl file with both in each line'
      : 'add an array "labels" with one class number per example';
  return new LatheError(
    'labels-missing',
    `The data "${name}" has no labels, so there is nothing to learn from it; ${remedy}.`,
  );
}

function noPositionLabels({ name, labels }: Examples): LatheError {
  const found = labels === undefined ? 'no labels' : 'one label per example';
  return new LatheError(
    'labels-missing',
    `The data "${name}" has ${found}, and the model tells a class at every position; give an array "labels" with a class number for each position of each example, −100 where there is none.`,
  );
}

import { bytesOf } from '../../core/data/fingerprint.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Bindings } from '../../core/onnx/shape/dimension.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { LABELS } from '../../core/training/problem.ts';
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

/**
 * Examples with a class each: arrays, or texts in tokens, padded to one length; `sizes` are those the
 * model's file leaves open. Throws `labels-missing`, `training-data-small`, `training-mask`.
 */
export async function labelledExamples(
  open: OpenModel,
  examples: Examples,
  batch: number,
  sizes?: Bindings,
): Promise<TrainingData> {
  const { name, labels, count, unit, length } = examples;
  if (labels === undefined) throw noLabels(examples);
  const parts = split(name, count, unit);
  const feeds: FeedsOf = (ports, indices, real) => {
    const own = ports.filter((port) => port.name !== LABELS);
    const chosen = indices.map((index, row) => (row < real ? labels[index] : IGNORE_INDEX));
    return {
      ...examples.batch(own, indices).feeds,
      [LABELS]: longs([indices.length], chosen),
    };
  };
  checkInputs(open, examples, [...parts.trained, ...parts.held]);
  return {
    sha256: await sha256Of([...examples.bytes(), bytesOf(labels)]),
    shape: { batch, ...(sizes && { sizes }), ...(length !== undefined && { length }) },
    count: parts.trained.length,
    heldOut: parts.held.length,
    labelsPerBatch: batch,
    checkClasses: (classes) => {
      const outside = labels.find((label) => label < 0 || label >= classes);
      if (outside !== undefined) throw outsideClasses(name, outside, classes);
    },
    batch: trainingBatch(feeds, batch, parts),
    validation: validationBatches(feeds, batch, parts),
  };
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

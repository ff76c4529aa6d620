import { bytesOf } from '../../core/data/fingerprint.ts';
import type { Dataset, ExampleDataset, TextDataset } from '../../core/data/types.ts';
import { tokenWindows } from '../../core/data/windows.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { BatchShape } from '../../core/training/bindings.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { batchIndices } from '../../core/training/order.ts';
import { LABELS } from '../../core/training/problem.ts';
import { exampleFeeds, languageFeeds } from '../../runtime/feeds.ts';
import type { Feeds } from '../../runtime/trainer/stepper.ts';
import type { ValidationBatch } from '../../runtime/trainer/validate.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { examplesFrom, tokenizerFor } from '../data/batches.ts';
import { pickExamples } from '../data/pick-examples.ts';
import { sha256Of } from '../hash.ts';
import { contextLength } from '../model/config.ts';
import type { OpenModel } from '../model/open.ts';

/** Data cut, split and ready to train on, in batches of one size. */
export interface TrainingData {
  /** Hash of everything training looks at, the held-out part included. */
  readonly sha256: string;
  readonly shape: BatchShape;
  /** Examples or windows trained on, and kept aside. */
  readonly count: number;
  readonly heldOut: number;
  /** Labels of one full batch. */
  readonly labelsPerBatch: number;
  /** Refuses labels the scores have no class for. Throws `label-outside-classes`. */
  checkClasses(classes: number): void;
  /** Batch `index` of the seeded order, for the inputs a graph has. */
  batch(index: number, ports: readonly PortInfo[], seed: number): Feeds;
  validation(ports: readonly PortInfo[]): ValidationBatch[];
}

/** Kept aside: a tenth, at least one, at most so many that looking at them stays quick. */
const HELD_OUT = { share: 0.1, most: 64 };

interface Split {
  readonly trained: readonly number[];
  readonly held: readonly number[];
}

/** The last tenth is held out: documents next to each other are alike, so no random pick. */
function split(count: number): Split {
  const held = Math.min(HELD_OUT.most, Math.max(1, Math.round(count * HELD_OUT.share)));
  const all = Array.from({ length: count }, (_, i) => i);
  return { trained: all.slice(0, count - held), held: all.slice(count - held) };
}

/**
 * Training data from a dataset: texts are packed into sequences of `length` tokens with the next token as
 * label; examples keep their label. Throws `training-data-small`, `training-length`, `labels-missing`,
 * `data-too-short`, `data-kind`.
 */
export async function trainingData(
  open: OpenModel,
  dataset: Dataset,
  batch: number,
  length: number,
): Promise<TrainingData> {
  if (dataset.kind === 'text' && open.task === 'language-model') {
    return packedText(open, dataset, batch, length);
  }
  return labelledExamples(examplesFrom(open, dataset), batch);
}

async function packedText(
  open: OpenModel,
  dataset: TextDataset,
  batch: number,
  length: number,
): Promise<TrainingData> {
  const context = contextLength(open.config);
  if (context !== undefined && length > context) throw tooLong(open.name, length, context);
  const options = { length: length + 1, stride: length, partial: false } as const;
  const windows = tokenWindows(dataset, tokenizerFor(open), options).map(({ ids }) => ids);
  const { trained, held } = split(windows.length);
  if (trained.length < 1) throw tooSmall(dataset.name, windows.length, 'sequences');
  const feeds = (ports: readonly PortInfo[], indices: readonly number[], real: number): Feeds => {
    const chosen = indices.map((index) => windows[index]);
    const inputs = languageFeeds(ports, { windows: chosen.map((ids) => ids.subarray(0, length)) });
    const labels = chosen.flatMap((ids, row) =>
      Array.from(ids.subarray(1), (id) => (row < real ? id : IGNORE_INDEX)),
    );
    return { ...inputs, [LABELS]: longs([indices.length, length], labels) };
  };
  return {
    sha256: await sha256Of(windows.map((ids) => bytesOf(ids))),
    shape: { batch, length },
    count: trained.length,
    heldOut: held.length,
    labelsPerBatch: batch * length,
    checkClasses: (classes) => {
      const outside = windows.flatMap((ids) => [...ids]).find((id) => id >= classes);
      if (outside !== undefined) throw outsideClasses(dataset.name, outside, classes);
    },
    batch: (index, ports, seed) => feeds(ports, chosenBy(index, batch, trained, seed), batch),
    validation: (ports) =>
      fullBatches(held, batch).map(({ indices, real }) => ({
        feeds: feeds(ports, indices, real),
        examples: real,
      })),
  };
}

async function labelledExamples(dataset: ExampleDataset, batch: number): Promise<TrainingData> {
  const { labels, count } = dataset;
  if (labels === undefined) throw noLabels(dataset.name);
  const { trained, held } = split(count);
  if (trained.length < 1) throw tooSmall(dataset.name, count, 'examples');
  const feeds = (ports: readonly PortInfo[], indices: readonly number[], real: number): Feeds => {
    const own = ports.filter(({ name }) => name !== LABELS);
    const chosen = indices.map((index, row) => (row < real ? labels[index] : IGNORE_INDEX));
    return {
      ...exampleFeeds(own, pickExamples(dataset, indices)),
      [LABELS]: longs([indices.length], chosen),
    };
  };
  const arrays = Object.values(dataset.arrays).map(({ data }) => bytesOf(data));
  return {
    sha256: await sha256Of([...arrays, bytesOf(labels)]),
    shape: { batch },
    count: trained.length,
    heldOut: held.length,
    labelsPerBatch: batch,
    checkClasses: (classes) => {
      const outside = labels.find((label) => label < 0 || label >= classes);
      if (outside !== undefined) throw outsideClasses(dataset.name, outside, classes);
    },
    batch: (index, ports, seed) => feeds(ports, chosenBy(index, batch, trained, seed), batch),
    validation: (ports) =>
      fullBatches(held, batch).map(({ indices, real }) => ({
        feeds: feeds(ports, indices, real),
        examples: real,
      })),
  };
}

function chosenBy(index: number, batch: number, from: readonly number[], seed: number): number[] {
  return batchIndices(index, batch, from.length, seed).map((position) => from[position]);
}

/** Batches of one size; the last is filled up with its first example, which then does not count. */
function fullBatches(held: readonly number[], batch: number) {
  const result: { readonly indices: readonly number[]; readonly real: number }[] = [];
  for (let from = 0; from < held.length; from += batch) {
    const real = held.slice(from, from + batch);
    const filling = new Array<number>(batch - real.length).fill(real[0]);
    result.push({ indices: [...real, ...filling], real: real.length });
  }
  return result;
}

function longs(dims: readonly number[], values: readonly number[]): Value {
  return { dataType: DataType.int64, dims, data: BigInt64Array.from(values, BigInt) };
}

function tooLong(model: string, length: number, context: number): LatheError {
  return new LatheError(
    'training-length',
    `The training asks for sequences of ${length} tokens, and "${model}" was made for at most ${context}; set calibration.length to ${context} or less.`,
    { length, context },
  );
}

function tooSmall(name: string, count: number, what: string): LatheError {
  return new LatheError(
    'training-data-small',
    `The data "${name}" gives ${count} ${what}, and at least two are needed: one to train on and one to keep aside; choose more data or shorter sequences.`,
    { count },
  );
}

function noLabels(name: string): LatheError {
  return new LatheError(
    'labels-missing',
    `The data "${name}" has no labels, so there is nothing to learn from it; add an array "labels" with one class number per example.`,
  );
}

function outsideClasses(name: string, label: number, classes: number): LatheError {
  return new LatheError(
    'label-outside-classes',
    `The data "${name}" has the label ${label}, and the model scores only the classes 0 to ${classes - 1}; correct the labels or choose the model they belong to.`,
    { label, classes },
  );
}

import { bytesOf } from '../../core/data/fingerprint.ts';
import { singleTexts } from '../../core/data/text-file.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { tokenWindows } from '../../core/data/windows.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { LABELS } from '../../core/training/problem.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { tokenizerFor } from '../data/tokenizer-for.ts';
import { sha256Of } from '../hash.ts';
import { contextLength } from '../model/config.ts';
import type { OpenModel } from '../model/open.ts';
import {
  longs,
  outsideClasses,
  split,
  trainingBatch,
  validationBatches,
  type FeedsOf,
  type Split,
} from './held-out.ts';
import type { TrainingData } from './types.ts';

/**
 * A text for a language model, packed: all documents one after another, cut into sequences of `length`
 * tokens without padding, the next token the label of each. Throws `training-length`,
 * `training-data-small`, `data-too-short`, `tokenizer-missing`.
 */
export async function packedText(
  open: OpenModel,
  dataset: TextDataset,
  batch: number,
  length: number,
): Promise<TrainingData> {
  const windows = packedWindows(open, dataset, length);
  const parts = split(dataset.name, windows.length, 'sequence');
  return windowData(dataset.name, windows, parts, { batch, length });
}

/**
 * The same with texts in tokens to learn from in place of the user's own, of which the part that is kept
 * aside stays: what was learned is judged on real text. Throws `generated-short`.
 */
export async function generatedData(
  open: OpenModel,
  dataset: TextDataset,
  texts: readonly Int32Array[],
  shape: Shape,
): Promise<TrainingData> {
  const own = packedWindows(open, dataset, shape.length);
  const { held } = split(dataset.name, own.length, 'sequence');
  const written = cut(texts, shape.length);
  if (written.length === 0) throw tooLittle(texts, shape.length);
  const windows = [...written, ...held.map((index) => own[index])];
  const parts = {
    trained: written.map((_, index) => index),
    held: held.map((_, index) => written.length + index),
  };
  return windowData('what the original wrote', windows, parts, shape);
}

/** Documents of which the part that is trained on has the beginning. */
export function trainedDocuments(
  open: OpenModel,
  dataset: TextDataset,
  length: number,
): TextDataset {
  const tokenizer = tokenizerFor(open);
  const { trained } = split(dataset.name, packedWindows(open, dataset, length).length, 'sequence');
  let from = 0;
  const documents = singleTexts(dataset).documents.filter((text) => {
    const starts = from < trained.length * length;
    from += tokenizer.encode(text).length + 1;
    return starts;
  });
  return { kind: 'text', name: dataset.name, documents };
}

interface Shape {
  readonly batch: number;
  readonly length: number;
}

async function windowData(
  name: string,
  windows: readonly Int32Array[],
  parts: Split,
  { batch, length }: Shape,
): Promise<TrainingData> {
  const feeds = windowFeeds(windows, length);
  return {
    sha256: await sha256Of(windows.map((ids) => bytesOf(ids))),
    shape: { batch, length },
    count: parts.trained.length,
    heldOut: parts.held.length,
    labelsPerBatch: batch * length,
    checkClasses: (classes) => {
      const outside = windows.flatMap((ids) => [...ids]).find((id) => id >= classes);
      if (outside !== undefined) throw outsideClasses(name, outside, classes);
    },
    batch: trainingBatch(feeds, batch, parts),
    validation: validationBatches(feeds, batch, parts),
  };
}

/** Whole sequences of `length` + 1 tokens out of texts one after another, as {@link packedWindows}. */
function cut(texts: readonly Int32Array[], length: number): Int32Array[] {
  const stream = Int32Array.from(texts.flatMap((ids) => [...ids]));
  const count = Math.max(0, Math.floor((stream.length - 1) / length));
  return Array.from({ length: count }, (_, k) => stream.slice(k * length, (k + 1) * length + 1));
}

function tooLittle(texts: readonly Int32Array[], length: number): LatheError {
  const tokens = texts.reduce((sum, ids) => sum + ids.length, 0);
  return new LatheError(
    'generated-short',
    `The original wrote ${tokens} tokens in ${texts.length} texts, which is no whole sequence of ${length}; ask for more texts, or for shorter sequences.`,
  );
}

/** Refuses sequences longer than the model was made for. Throws `training-length`. */
export function checkContext({ config, name }: OpenModel, length: number): void {
  const context = contextLength(config);
  if (context !== undefined && length > context) throw tooLong(name, length, context);
}

/** Sequences of `length` + 1 tokens, of which neighbours share one: the last label is the next input. */
export function packedWindows(open: OpenModel, dataset: TextDataset, length: number): Int32Array[] {
  checkContext(open, length);
  const options = { length: length + 1, stride: length, partial: false } as const;
  return tokenWindows(dataset, tokenizerFor(open), options).map(({ ids }) => ids);
}

/** Inputs and labels of sequences from {@link packedWindows}. */
export function windowFeeds(windows: readonly Int32Array[], length: number): FeedsOf {
  return (ports, indices, real) => {
    const chosen = indices.map((index) => windows[index]);
    const inputs = languageFeeds(ports, { windows: chosen.map((ids) => ids.subarray(0, length)) });
    const labels = chosen.flatMap((ids, row) =>
      Array.from(ids.subarray(1), (id) => (row < real ? id : IGNORE_INDEX)),
    );
    return { ...inputs, [LABELS]: longs([indices.length, length], labels) };
  };
}

function tooLong(model: string, length: number, context: number): LatheError {
  return new LatheError(
    'training-length',
    `The training asks for sequences of ${length} tokens, and "${model}" was made for at most ${context}; set calibration.length to ${context} or less.`,
    { length, context },
  );
}

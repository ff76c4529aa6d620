import { bytesOf } from '../../core/data/fingerprint.ts';
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
  const feeds = windowFeeds(windows, length);
  return {
    sha256: await sha256Of(windows.map((ids) => bytesOf(ids))),
    shape: { batch, length },
    count: parts.trained.length,
    heldOut: parts.held.length,
    labelsPerBatch: batch * length,
    checkClasses: (classes) => {
      const outside = windows.flatMap((ids) => [...ids]).find((id) => id >= classes);
      if (outside !== undefined) throw outsideClasses(dataset.name, outside, classes);
    },
    batch: trainingBatch(feeds, batch, parts),
    validation: validationBatches(feeds, batch, parts),
  };
}

/** Sequences of `length` + 1 tokens, of which neighbours share one: the last label is the next input. */
export function packedWindows(open: OpenModel, dataset: TextDataset, length: number): Int32Array[] {
  const context = contextLength(open.config);
  if (context !== undefined && length > context) throw tooLong(open.name, length, context);
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

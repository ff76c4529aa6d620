import { bytesOf } from '../../core/data/fingerprint.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { LABELS } from '../../core/training/problem.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
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
import { checkContext } from './packed-text.ts';
import type { TrainingData } from './types.ts';

/**
 * Rows of tokens for a language model, each a document of its own: cut into pieces of `length` tokens, the next
 * token the label of each, the last piece padded and its padding without labels. A causal model's real tokens do
 * not look at what stands behind them. Throws `training-rows`, `training-length`, `training-data-small`.
 */
export async function rowData(
  open: OpenModel,
  name: string,
  rows: readonly Int32Array[],
  { batch, length }: { readonly batch: number; readonly length: number },
): Promise<TrainingData> {
  checkContext(open, length);
  const pieces = rows.flatMap((row) => piecesOf(row, length));
  if (pieces.length === 0) throw nothingToPredict(name);
  const parts = split(name, pieces.length, 'row');
  const feeds = pieceFeeds(pieces, length);
  return {
    sha256: await sha256Of(pieces.map((ids) => bytesOf(ids))),
    shape: { batch, length },
    count: parts.trained.length,
    heldOut: parts.held.length,
    labelsPerBatch: batch * length,
    checkClasses: (classes) => {
      const outside = pieces.flatMap((ids) => [...ids]).find((id) => id < 0 || id >= classes);
      if (outside !== undefined) throw outsideClasses(name, outside, classes);
    },
    batch: trainingBatch(feeds, batch, parts),
    validation: validationBatches(feeds, batch, parts),
  };
}

/** Pieces of up to `length` + 1 tokens, neighbours sharing one: the last label is the next input. */
function piecesOf(row: Int32Array, length: number): Int32Array[] {
  const count = Math.ceil((row.length - 1) / length);
  return Array.from({ length: count }, (_, k) => row.slice(k * length, (k + 1) * length + 1));
}

/** Inputs and labels of pieces, padded to `length`. */
function pieceFeeds(pieces: readonly Int32Array[], length: number): FeedsOf {
  return (ports, indices, real) => {
    const chosen = indices.map((index) => pieces[index]);
    const windows = chosen.map((ids) => ids.subarray(0, ids.length - 1));
    const labels = chosen.flatMap((ids, row) =>
      Array.from({ length }, (_, t) =>
        row < real && t + 1 < ids.length ? ids[t + 1] : IGNORE_INDEX,
      ),
    );
    const own = ports.filter((port) => port.name !== LABELS);
    return {
      ...languageFeeds(own, { windows, length }),
      [LABELS]: longs([indices.length, length], labels),
    };
  };
}

function nothingToPredict(name: string): LatheError {
  return new LatheError(
    'training-rows',
    `The rows of "${name}" hold one token each, so there is no next token to learn; give rows of at least two.`,
  );
}

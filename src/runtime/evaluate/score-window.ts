import type { TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { negativeLogLikelihood } from '../../core/kernels/negative-log-likelihood.ts';
import { atColumns } from './columns.ts';
import { Growing } from './growing.ts';
import type { Logits } from './logits.ts';

/** What is kept of every scored token. */
export type Tracks = Record<'nllP' | 'nllQ' | 'kl' | 'sameTop' | 'deltaP', Growing>;

export function newTracks(): Tracks {
  return {
    nllP: new Growing(),
    nllQ: new Growing(),
    kl: new Growing(),
    sameTop: new Growing(),
    deltaP: new Growing(),
  };
}

/** A window in the model's tokens, which are not the data's where it keeps only some of them. */
export interface Scored {
  readonly own: TokenWindow;
  readonly columns: Int32Array | undefined;
}

/**
 * Row t − 1 predicts token t. A model that keeps only some columns is compared with the original on these: likelihoods
 * and distances are over the tokens that both have. Throws `vocabularies-differ`, `index-out-of-range`.
 */
export function scoreWindow(
  p: Logits | undefined,
  q: Logits,
  { own, columns }: Scored,
  tracks: Tracks,
): void {
  const targets = targetsOf(own, q.classes);
  if (p === undefined) {
    tracks.nllQ.push(negativeLogLikelihood(rowsOf(q, own), targets.length, q.classes, targets));
    return;
  }
  const common = columns ? atColumns(p, columns) : p;
  if (common.classes !== q.classes) throw vocabulariesDiffer(p.classes, q.classes);
  const [a, b] = [rowsOf(common, own), rowsOf(q, own)];
  const compared = compareLogits(a, b, targets.length, q.classes, targets);
  for (const [name, track] of Object.entries(tracks)) track.push(compared[name as keyof Tracks]);
}

/** Views only: no logits are copied. */
function rowsOf({ values, classes }: Logits, { ids, firstCounted }: TokenWindow): Float32Array {
  return values.subarray((firstCounted - 1) * classes, (ids.length - 1) * classes);
}

function targetsOf({ ids, firstCounted }: TokenWindow, classes: number): Int32Array {
  const targets = ids.subarray(firstCounted);
  const outside = targets.find((id) => id < 0 || id >= classes);
  if (outside !== undefined) throw outsideVocabulary(outside, classes);
  return targets;
}

function vocabulariesDiffer(original: number, model: number): LatheError {
  return new LatheError(
    'vocabularies-differ',
    `The original scores ${original} tokens and the model ${model}, so their predictions cannot be compared; give the original that this model was made from.`,
    { original, model },
  );
}

function outsideVocabulary(id: number, classes: number): LatheError {
  return new LatheError(
    'index-out-of-range',
    `The data holds the token ${id}, but the model scores tokens 0 to ${classes - 1}; the tokenizer does not fit this model.`,
    { id, classes },
  );
}

import type { Dataset } from '../../core/data/types.ts';
import { takeBranch } from '../../core/onnx/branches/take-branch.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { shuffled } from '../../core/random/shuffle.ts';
import type { CaptureBatch } from '../../runtime/capture.ts';
import { sourceFeeds, type SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import type { Siblings } from '../../runtime/evaluate/types.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { sha256Of } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import { encodedPairs, hashesOf, partsBefore, type OnDevice } from './encode.ts';
import { goingOnFeeds } from './going-on.ts';
import { bytesOfPair, sequencePairs } from './pairs.ts';
import { openedPart } from './whole.ts';

/** How many pairs, how long, and which. */
export interface PairChoice {
  readonly samples: number;
  readonly length: number;
  readonly seed: number;
}

/** Calibration of a part, chosen and ready to run any number of times. */
export interface PairBatches {
  readonly sha256: string;
  readonly batchCount: number;
  batches(): Iterable<CaptureBatch>;
}

/**
 * Pairs as calibration of a part of an encoder-decoder: what a decoder reads of its encoder comes from the original
 * one, so that layers over it (keys and values of cross-attention) see real states; an encoder reads the sources.
 * Pairs run one by one: nothing is padded, neither of the targets nor of the states. Undefined where the model is no
 * such part or the data holds no pairs.
 */
export async function pairCalibration(
  open: OpenModel,
  dataset: Dataset,
  { samples, length, seed }: PairChoice,
  runtime: OnDevice | undefined,
): Promise<PairBatches | undefined> {
  const found = await sequencePairs(open, dataset, length);
  if (found === undefined) return undefined;
  const pairs = shuffled(found.pairs, seededRandom(seed, 'calibration')).slice(0, samples);
  const encoding = openedPart(open) === 'encoder';
  const before = encoding ? {} : await partsBefore(open, pairs);
  const batches = encoding
    ? sourceBatches(open, pairs)
    : await targetBatches(open, before, pairs, runtime);
  return {
    sha256: await sha256Of([...pairs.flatMap(bytesOfPair), ...hashesOf(before)]),
    batchCount: batches.length,
    batches: () => batches,
  };
}

function sourceBatches({ model }: OpenModel, pairs: readonly SequencePair[]): CaptureBatch[] {
  const ports = inputPorts(model);
  return pairs.flatMap(({ source }) =>
    source === undefined ? [] : { feeds: sourceFeeds(ports, source) },
  );
}

/** Places of a target that a decoder which reads token by token is shown: each costs a run and a cache. */
const PLACES = 16;

async function targetBatches(
  open: OpenModel,
  before: Siblings<OpenModel>,
  pairs: readonly SequencePair[],
  runtime: OnDevice | undefined,
): Promise<CaptureBatch[]> {
  if (openedPart(open) === 'decoder-with-past') {
    const places = await goingOnFeeds(open, before, pairs, PLACES, runtime);
    return places.map((feeds) => ({ feeds }));
  }
  const states = await encodedPairs(open, before, pairs, runtime);
  // Of a merged decoder the branch without a cache alone is looked at.
  const ports = inputPorts(takeBranch(open.model));
  return pairs.map(({ window }, index) => ({
    feeds: languageFeeds(ports, { windows: [window.ids], extra: states[index] }),
  }));
}

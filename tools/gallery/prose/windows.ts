import { seededRandom } from '../../../src/core/random/seeded.ts';
import { LABELS } from '../../../src/core/training/problem.ts';
import type { Feeds } from '../../../src/runtime/trainer/stepper.ts';
import { pick, shuffled } from '../shuffle.ts';
import type { TrainingData } from '../trainer-contract.ts';
import { chunks, int64Value } from '../values.ts';
import type { Sentence } from './sentences.ts';

/** A speech in sentences. */
export type Speech = readonly Sentence[];

/** Marks a position without label. */
const NONE = -100;

export interface WindowOptions {
  readonly batch: number;
  /** Tokens the model reads at once. */
  readonly length: number;
  readonly seed: number;
  /** Begins every window. */
  readonly bos: number;
}

/**
 * Training windows: the start token, then the tokens from the beginning of a sentence on. In each
 * epoch every speech is cut anew, from a random sentence of its first window on; each window begins
 * with the sentence that the one before cut off. The order is shuffled.
 */
export function proseData(
  training: readonly Speech[],
  validation: readonly (readonly number[])[],
  options: WindowOptions,
): TrainingData {
  const { batch, length, seed } = options;
  const perEpoch = Math.floor(tokensIn(training) / (length * batch));
  const cache = new Map<number, number[][]>();
  const epochWindows = (epoch: number) => {
    const known = cache.get(epoch);
    if (known !== undefined) return known;
    const random = seededRandom(seed, `cuts ${epoch}`);
    const windows = training.flatMap((speech) => cut(speech, options, random));
    const order = shuffled(windows, seed, `epoch ${epoch}`);
    cache.clear();
    cache.set(epoch, order);
    return order;
  };
  return {
    batch: (index) => {
      const windows = epochWindows(Math.floor(index / perEpoch));
      const from = (index % perEpoch) * batch;
      return feedsOf(windows.slice(from, from + batch), length);
    },
    validation: chunks(validation, batch).map((rows) => ({
      feeds: feedsOf(
        Array.from({ length: batch }, (_, k) => rows[k] ?? []),
        length,
      ),
      examples: rows.length,
    })),
    labelsPerBatch: batch * length,
  };
}

/** Tokens of the speeches, each sentence as it stands inside. */
export function tokensIn(speeches: readonly Speech[]): number {
  return speeches.flat().reduce((sum, { inside }) => sum + inside.length, 0);
}

function cut(speech: Speech, { length, bos }: WindowOptions, random: { next(): number }) {
  const windows: number[][] = [];
  let begin = pick(random, sentencesWithin(speech, length));
  while (begin < speech.length) {
    const ids = [bos, ...speech[begin].first];
    let next = begin + 1;
    for (; next < speech.length && ids.length <= length; next++) ids.push(...speech[next].inside);
    windows.push(ids.slice(0, length + 1));
    if (ids.length <= length) break;
    // the sentence that was cut off is read whole in the next window, unless it is all there was
    begin = Math.max(begin + 1, next - 1);
  }
  return windows;
}

/** How many sentences begin in the first window of a speech. */
function sentencesWithin(speech: Speech, length: number): number {
  let [count, tokens] = [0, 0];
  while (count < speech.length && tokens < length) tokens += speech[count++].inside.length;
  return count;
}

/** Row t reads tokens 0 … length − 1 and predicts tokens 1 … length; what is missing has no label. */
function feedsOf(windows: readonly (readonly number[])[], length: number): Feeds {
  const inputs: number[] = [];
  const labels: number[] = [];
  for (const ids of windows) {
    for (let t = 0; t < length; t++) {
      inputs.push(ids[t] ?? 0);
      labels.push(ids[t + 1] ?? NONE);
    }
  }
  const dims = [windows.length, length];
  return { input_ids: int64Value(dims, inputs), [LABELS]: int64Value(dims, labels) };
}

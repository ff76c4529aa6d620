import { seededRandom } from '../../../src/core/random/seeded.ts';
import { batchIndices } from '../../../src/core/training/order.ts';
import { LABELS } from '../../../src/core/training/problem.ts';
import type { Feeds } from '../../../src/runtime/trainer/stepper.ts';
import { pick } from '../shuffle.ts';
import type { TrainingData } from '../trainer-contract.ts';
import { chunks, float32Value, int64Value } from '../values.ts';
import { PIXELS, SIDE, writeShifted, type LabelledImages } from './images.ts';

type Shift = readonly [number, number];

/** Training images are moved by up to this many pixels, anew each time they are seen. */
const MOST_SHIFT = 1;

export function imageData(
  training: LabelledImages,
  validation: LabelledImages,
  { batch, seed }: { readonly batch: number; readonly seed: number },
): TrainingData {
  const count = training.labels.length;
  return {
    batch: (index) => {
      const random = seededRandom(seed, `shifts ${index}`);
      const shift = () => pick(random, 2 * MOST_SHIFT + 1) - MOST_SHIFT;
      return feedsOf(training, batchIndices(index, batch, count, seed), () => [shift(), shift()]);
    },
    validation: chunks([...validation.labels.keys()], batch).map((indices) => ({
      feeds: feedsOf(validation, filledUp(indices, batch), () => [0, 0]),
      examples: indices.length,
    })),
    labelsPerBatch: batch,
  };
}

/** Validation graphs have fixed shapes: the last batch is filled with its first example. */
function filledUp(indices: readonly number[], size: number): number[] {
  return Array.from({ length: size }, (_, k) => indices[k] ?? indices[0]);
}

function feedsOf(images: LabelledImages, indices: readonly number[], shift: () => Shift): Feeds {
  const pixels = new Float32Array(indices.length * PIXELS);
  indices.forEach((index, place) => writeShifted(images.pixels, index, shift(), pixels, place));
  return {
    pixel_values: float32Value([indices.length, 1, SIDE, SIDE], pixels),
    [LABELS]: int64Value(
      [indices.length],
      indices.map((index) => images.labels[index]),
    ),
  };
}

import { seededRandom } from '../../../src/core/random/seeded.ts';
import { batchIndices } from '../../../src/core/training/order.ts';
import { LABELS } from '../../../src/core/training/problem.ts';
import type { Feeds } from '../../../src/runtime/trainer/stepper.ts';
import { pick } from '../shuffle.ts';
import type { TrainingData } from '../trainer-contract.ts';
import { chunks, int64Value } from '../values.ts';
import { padded, TOKENS } from './tokens.ts';

/** A mail in tokens, without special ones. */
export interface TokenMail {
  readonly ids: readonly number[];
  readonly label: number;
}

export interface MailOptions {
  readonly batch: number;
  readonly length: number;
  readonly seed: number;
}

/** How many training tokens are hidden behind [MASK]: the model must not lean on single words. */
export const HIDDEN = 0.3;

/**
 * Training reads another part of a long mail each time, with some tokens hidden: there are few
 * mails, and a network this size would learn them by heart. Half of the time a mail is read from
 * its beginning, as in the evaluation.
 */
export function mailData(
  training: readonly TokenMail[],
  validation: readonly TokenMail[],
  { batch, length, seed }: MailOptions,
): TrainingData {
  return {
    batch: (index) => {
      const random = seededRandom(seed, `parts ${index}`);
      const chosen = batchIndices(index, batch, training.length, seed).map((k) => training[k]);
      return feedsOf(
        chosen.map((mail) => ({ ...mail, ids: somePart(mail.ids, length - 2, random) })),
        length,
      );
    },
    validation: chunks(validation, batch).map((mails) => ({
      feeds: feedsOf(
        Array.from({ length: batch }, (_, k) => mails[k] ?? mails[0]),
        length,
      ),
      examples: mails.length,
    })),
    labelsPerBatch: batch,
  };
}

function somePart(ids: readonly number[], most: number, random: { next(): number }): number[] {
  const spare = Math.max(0, ids.length - most);
  const from = random.next() < 0.5 ? 0 : pick(random, spare + 1);
  return ids.slice(from, from + most).map((id) => (random.next() < HIDDEN ? TOKENS.mask : id));
}

function feedsOf(mails: readonly TokenMail[], length: number): Feeds {
  const rows = mails.map(({ ids }) => padded(ids, length));
  const dims = [mails.length, length];
  return {
    input_ids: int64Value(
      dims,
      rows.flatMap((row) => row.ids),
    ),
    attention_mask: int64Value(
      dims,
      rows.flatMap((row) => row.mask),
    ),
    [LABELS]: int64Value(
      [mails.length],
      mails.map(({ label }) => label),
    ),
  };
}

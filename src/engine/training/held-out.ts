import { batchIndices } from '../../core/training/order.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { Feeds } from '../../runtime/trainer/stepper.ts';
import type { ValidationBatch } from '../../runtime/trainer/validate.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { groupsOf } from '../data/examples.ts';

/** What is trained on, and what is kept aside to look at. */
export interface Split {
  readonly trained: readonly number[];
  readonly held: readonly number[];
}

/** Kept aside: a tenth, at least one, at most so many that looking at them stays quick. */
const HELD_OUT = { share: 0.1, most: 64 };

/**
 * The last tenth is held out: documents next to each other are alike, so no random pick. Throws
 * `training-data-small` when nothing is left to train on.
 */
export function split(name: string, count: number, unit: string): Split {
  const held = Math.min(HELD_OUT.most, Math.max(1, Math.round(count * HELD_OUT.share)));
  const all = Array.from({ length: count }, (_, i) => i);
  if (count - held < 1) throw tooSmall(name, count, unit);
  return { trained: all.slice(0, count - held), held: all.slice(count - held) };
}

/** Inputs for the items at `indices`; only the first `real` of them have labels that count. */
export type FeedsOf = (
  ports: readonly PortInfo[],
  indices: readonly number[],
  real: number,
) => Feeds;

/** Batch `index` of the seeded order over what is trained on. */
export function trainingBatch(feeds: FeedsOf, batch: number, { trained }: Split) {
  return (index: number, ports: readonly PortInfo[], seed: number): Feeds => {
    const positions = batchIndices(index, batch, trained.length, seed);
    return feeds(
      ports,
      positions.map((position) => trained[position]),
      batch,
    );
  };
}

/** What is kept aside, in batches of one size; the last is filled up, and its filling does not count. */
export function validationBatches(feeds: FeedsOf, batch: number, { held }: Split) {
  return (ports: readonly PortInfo[]): ValidationBatch[] =>
    groupsOf(held, batch, true).map(({ indices, count }) => ({
      feeds: feeds(ports, indices, count),
      examples: count,
    }));
}

export function longs(dims: readonly number[], values: readonly number[]): Value {
  return { dataType: DataType.int64, dims, data: BigInt64Array.from(values, BigInt) };
}

function tooSmall(name: string, count: number, unit: string): LatheError {
  return new LatheError(
    'training-data-small',
    `The data "${name}" gives ${count} ${unit}${count === 1 ? '' : 's'}, and at least two are needed: one to train on and one to keep aside; choose more data or shorter sequences.`,
    { count },
  );
}

export function outsideClasses(name: string, label: number, classes: number): LatheError {
  return new LatheError(
    'label-outside-classes',
    `The data "${name}" has the label ${label}, and the model scores only the classes 0 to ${classes - 1}; correct the labels or choose the model they belong to.`,
    { label, classes },
  );
}

import { NO_LABEL, type PositionLabels } from '../../core/data/position-labels.ts';
import type { ExampleDataset, TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';

/** What is known of a model's targets when they come as tokens. */
export interface TargetTokens {
  /** Name of the array that holds the decoder's tokens. */
  readonly input: string;
  readonly start: () => number;
  readonly pad: number | undefined;
  readonly end: number | undefined;
}

/**
 * A decoder's tokens, example by example, from the array of its tokens, from labels (the same one place on), or
 * both: what is predicted behind the last of the tokens is known from the labels only. Undefined where the data
 * holds neither. Throws `pair-labels` where both disagree.
 */
export function targetRows(
  dataset: ExampleDataset,
  target: TargetTokens,
): TokenWindow[] | undefined {
  const { arrays, count, positionLabels } = dataset;
  const given = tokenArray(arrays, target.input);
  if (given === undefined && positionLabels === undefined) return undefined;
  const rows = given && rowsOf(dataset, target, given);
  const labels = positionLabels && labelRows(positionLabels);
  return Array.from({ length: count }, (_, index) =>
    windowOf(dataset.name, index, target, rows?.[index], labels?.[index]),
  );
}

/** An array of whole numbers [count, length] of this name. */
export function tokenArray(arrays: ExampleDataset['arrays'], name: string): Value | undefined {
  const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  const whole = found?.dataType === DataType.int64 || found?.dataType === DataType.int32;
  return whole && found.dims.length === 2 ? found : undefined;
}

function labelRows({ width, values }: PositionLabels): Int32Array[] {
  const count = values.length / width;
  return Array.from({ length: count }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

export function rowsOfValue({ dims: [count, width], data }: Value): Int32Array[] {
  return Array.from({ length: count }, (_, row) =>
    Int32Array.from(data.subarray(row * width, (row + 1) * width), Number),
  );
}

/** Rows without what fills them up: behind their mask, or behind their last token that is no padding. */
function rowsOf(
  { arrays, ragged }: ExampleDataset,
  { input, pad, end }: TargetTokens,
  ids: Value,
): Int32Array[] {
  const mask = tokenArray(arrays, 'decoder_attention_mask');
  const kept = mask && rowsOfValue(mask).map((row) => row.lastIndexOf(1) + 1);
  return rowsOfValue(ids).map((row, index) => {
    const known =
      kept?.[index] ?? (ragged?.names.includes(input) ? ragged.lengths[index] : undefined);
    return row.subarray(0, known ?? lengthBeforePadding(row, pad, end));
  });
}

function lengthBeforePadding(
  row: Int32Array,
  pad: number | undefined,
  end: number | undefined,
): number {
  let length = row.length;
  while (length > 1 && row[length - 1] === pad) length--;
  // Where the end token pads as well, the first of them is meant.
  return pad === end ? Math.min(length + 1, row.length) : length;
}

function windowOf(
  name: string,
  index: number,
  target: TargetTokens,
  row: Int32Array | undefined,
  labels: Int32Array | undefined,
): TokenWindow {
  if (labels === undefined)
    return { ids: row ?? Int32Array.of(), firstCounted: 1, document: index };
  const last = labels.findLastIndex((label) => label !== NO_LABEL && label !== padAlone(target));
  const first = Math.max(
    0,
    labels.findIndex((label) => label !== NO_LABEL),
  );
  const told = labels.subarray(0, last + 1);
  const before = row?.subarray(0, last + 1) ?? shifted(told, target.start());
  const odd = told.findIndex((label, at) => {
    const next = at + 1 < before.length ? before[at + 1] : label;
    return at >= first && label !== next;
  });
  if (odd >= 0) throw labelsDiffer(name, index, odd);
  if (before.some((id) => id < 0)) throw labelsLeaveOut(name, index);
  const ids = Int32Array.from([...before, ...told.subarray(-1)]);
  return { ids, firstCounted: first + 1, document: index };
}

/** Padding among labels, unless it is the end token that is to be predicted. */
function padAlone({ pad, end }: TargetTokens): number | undefined {
  return pad === end ? undefined : pad;
}

/** What a decoder is given where only labels are known. */
function shifted(labels: Int32Array, start: number): Int32Array {
  return Int32Array.from([start, ...labels.subarray(0, -1)]);
}

function labelsLeaveOut(name: string, index: number): LatheError {
  return new LatheError(
    'pair-labels',
    `The labels of example ${index + 1} in "${name}" leave out tokens (${NO_LABEL}) in front of others, so what the decoder is told there is not known; add an array "decoder_input_ids".`,
    { index },
  );
}

function labelsDiffer(name: string, index: number, position: number): LatheError {
  return new LatheError(
    'pair-labels',
    `The labels of example ${index + 1} in "${name}" are not its next tokens (position ${position + 1}), so the decoder would be scored on what it was not told; give as labels the decoder's tokens one place on, or leave one of the two arrays out.`,
    { index, position },
  );
}

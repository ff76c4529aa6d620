import type { Dataset, ExampleDataset } from '../../core/data/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { OpenModel } from '../model/open.ts';

const MASK = 'attention_mask';

/**
 * Rows of tokens that a language model is given in place of text, each a document, without what fills them up.
 * Undefined where the data holds anything else that text would not determine, classes, or no tokens at all.
 */
export function tokenRows(
  { model, task }: Pick<OpenModel, 'model' | 'task'>,
  dataset: Dataset,
): Int32Array[] | undefined {
  if (dataset.kind !== 'examples' || task !== 'language-model') return undefined;
  const { arrays, labels, count } = dataset;
  const input = tokenInput(inputPorts(model))?.name ?? '';
  const ids = Object.hasOwn(arrays, input) ? arrays[input] : undefined;
  const others = Object.keys(arrays).filter((name) => name !== input && name !== MASK);
  const whole = ids?.dataType === DataType.int64 || ids?.dataType === DataType.int32;
  if (ids?.dims.length !== 2 || !whole || others.length > 0 || labels !== undefined) {
    return undefined;
  }
  const [, width] = ids.dims;
  const lengths = rowLengths(dataset, width);
  if (lengths === undefined) return undefined;
  return Array.from({ length: count }, (_, row) =>
    Int32Array.from(ids.data.subarray(row * width, row * width + lengths[row]), Number),
  );
}

/** Undefined where the mask leaves out what is in front or in the middle: windows have padding at the end only. */
function rowLengths(
  { arrays, count, ragged }: ExampleDataset,
  width: number,
): ArrayLike<number> | undefined {
  const mask = Object.hasOwn(arrays, MASK) ? arrays[MASK] : undefined;
  if (mask === undefined) return ragged?.lengths ?? new Array<number>(count).fill(width);
  if (mask.dims.length !== 2 || mask.dims[1] !== width) return undefined;
  const lengths = Array.from({ length: count }, (_, row) => {
    const own = Array.from(mask.data.subarray(row * width, (row + 1) * width), Number);
    const length = own.filter((value) => value !== 0).length;
    return own.slice(0, length).every((value) => value !== 0) ? length : NaN;
  });
  return lengths.some(Number.isNaN) ? undefined : lengths;
}

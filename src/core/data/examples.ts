import { LatheError } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import { pickLabels } from './position-labels.ts';
import type { ExampleDataset } from './types.ts';

const LABEL_NAMES = ['labels', 'label', 'y'];

/**
 * A dataset from named arrays. Every array's first dimension counts the examples; an array called
 * `labels`, `label` or `y` holds the class of each, or with a second dimension that of each position.
 * @throws LatheError `data-empty`, `data-shape`, `data-labels`
 */
export function examplesOf(name: string, arrays: Readonly<Record<string, Value>>): ExampleDataset {
  const labelName = LABEL_NAMES.find((candidate) => Object.hasOwn(arrays, candidate));
  const inputs = Object.entries(arrays).filter(([key]) => key !== labelName);
  if (inputs.length === 0) {
    throw new LatheError(
      'data-empty',
      `The data "${name}" holds no input array; add the array that the model's input takes, under that input's name.`,
    );
  }
  const count = commonCount(name, inputs);
  const labels = labelName === undefined ? {} : labelsOf(name, arrays[labelName], count);
  return { kind: 'examples', name, arrays: Object.fromEntries(inputs), ...labels, count };
}

function commonCount(name: string, inputs: readonly (readonly [string, Value])[]): number {
  const [firstName, first] = inputs[0];
  const count = first.dims.length === 0 ? 0 : first.dims[0];
  if (count === 0) {
    throw new LatheError(
      'data-empty',
      `The array "${firstName}" in "${name}" holds no examples; its first dimension must count them.`,
    );
  }
  for (const [key, { dims }] of inputs) {
    if (dims[0] === count) continue;
    throw new LatheError(
      'data-shape',
      `The arrays "${firstName}" and "${key}" in "${name}" hold ${count} and ${dims[0] ?? 0} examples; the first dimension of all arrays must be the same.`,
    );
  }
  return count;
}

const INTEGER_TYPES: readonly number[] = [
  DataType.uint8,
  DataType.int8,
  DataType.uint16,
  DataType.int16,
  DataType.uint32,
  DataType.int32,
  DataType.uint64,
  DataType.int64,
];

function labelsOf(
  name: string,
  { dims, data, dataType }: Value,
  count: number,
): Pick<ExampleDataset, 'labels' | 'positionLabels'> {
  const ranked = dims.length === 1 || (dims.length === 2 && dims[1] > 0);
  if (!ranked || dims[0] !== count || !INTEGER_TYPES.includes(dataType)) {
    throw new LatheError(
      'data-labels',
      `The labels in "${name}" have the shape [${dims.join(', ')}], but one whole number for each of the ${count} examples, or for each of their positions, is needed; store class indices from 0.`,
    );
  }
  const values = Int32Array.from(data, (label: number | bigint) => Number(label));
  const [, width = 1] = dims;
  return width === 1 ? { labels: values } : { positionLabels: { width, values } };
}

/**
 * Refuses labels that the model has no class for.
 * @throws LatheError `data-label-range`
 */
export function checkLabels(
  { name, labels }: Pick<ExampleDataset, 'name' | 'labels'>,
  classes: number,
): void {
  const index = labels?.findIndex((label) => label < 0 || label >= classes) ?? -1;
  if (labels === undefined || index < 0) return;
  throw new LatheError(
    'data-label-range',
    `Example ${index + 1} of "${name}" has the label ${labels[index]}, but the model tells ${classes} classes apart (0 to ${classes - 1}); use data whose labels are the model's classes.`,
  );
}

/** The examples [from, to) as views; nothing is copied. */
export function sliceExamples(dataset: ExampleDataset, from: number, to: number): ExampleDataset {
  const last = Math.min(to, dataset.count);
  const { positionLabels } = dataset;
  const slice = ({ dataType, dims, data }: Value): Value => {
    const size = data.length / dataset.count;
    return {
      dataType,
      dims: [last - from, ...dims.slice(1)],
      data: data.subarray(from * size, last * size),
    };
  };
  const arrays = Object.entries(dataset.arrays).map(([key, value]) => [key, slice(value)] as const);
  return {
    ...dataset,
    arrays: Object.fromEntries(arrays),
    labels: dataset.labels?.subarray(from, last),
    ...(positionLabels && {
      positionLabels: pickLabels(
        positionLabels,
        Array.from({ length: last - from }, (_, i) => from + i),
      ),
    }),
    count: last - from,
    ...(dataset.ragged && {
      ragged: { ...dataset.ragged, lengths: dataset.ragged.lengths.subarray(from, last) },
    }),
  };
}

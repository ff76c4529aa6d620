import { LatheError } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import type { ExampleDataset } from './types.ts';

const LABEL_NAMES = ['labels', 'label', 'y'];

/**
 * A dataset from named arrays. Every array's first dimension counts the examples; an array called
 * `labels`, `label` or `y` holds the class of each, or a token for every position of it.
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
  const given = labelName === undefined ? undefined : arrays[labelName];
  const positions = given !== undefined && isPerPosition(given, count);
  const labels = given === undefined || positions ? undefined : labelsOf(name, given, count);
  return {
    ...{ kind: 'examples', name, arrays: Object.fromEntries(inputs), labels, count },
    ...(positions && { tokenLabels: given }),
  };
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

function isPerPosition({ dims, dataType }: Value, count: number): boolean {
  return dims.length === 2 && dims[0] === count && INTEGER_TYPES.includes(dataType);
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

function labelsOf(name: string, { dims, data, dataType }: Value, count: number): Int32Array {
  if (dims.length !== 1 || dims[0] !== count || !INTEGER_TYPES.includes(dataType)) {
    throw new LatheError(
      'data-labels',
      `The labels in "${name}" have the shape [${dims.join(', ')}], but one whole number for each of the ${count} examples is needed; store class indices from 0.`,
    );
  }
  return Int32Array.from(data, (label: number | bigint) => Number(label));
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
    ...(dataset.tokenLabels && { tokenLabels: slice(dataset.tokenLabels) }),
    count: last - from,
    ...(dataset.ragged && {
      ragged: { ...dataset.ragged, lengths: dataset.ragged.lengths.subarray(from, last) },
    }),
  };
}

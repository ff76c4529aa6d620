import { z } from 'zod';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import { examplesOf } from './examples.ts';
import { labelsOf } from './labels.ts';
import { lineError, type Line } from './line-error.ts';
import { pairsOfLines } from './pairs.ts';
import { decodeText, emptyData } from './text-file.ts';
import { withoutPadding } from './position-labels.ts';
import { filledUp, raggedOf } from './ragged.ts';
import type { DataFile, Dataset, TextDataset } from './types.ts';

const label = z.union([z.int().min(0).max(0x7fffffff), z.string().max(1000)]);
const textLine = z.object({ text: z.string(), label: label.optional() });
const arrayLine = z.record(z.string(), z.unknown());

/**
 * One JSON object a line: `{"text": …, "label"?: 0 or "name"}`, `{"source": …, "target": …}`, or named input arrays of numbers, nested as
 * the input's shape without the batch, e.g. `{"image": [[0, 0.5], [1, 0]], "label": 3}`. Arrays of
 * only whole numbers become int64, others float32. Lists of whole numbers (tokens) may differ in length from line
 * to line, all of one line alike; they are filled up with zeros.
 * @throws LatheError `data-line` (with the line's number), `data-empty`, `data-not-text`
 */
export function parseJsonl(file: DataFile): Dataset {
  return datasetOfLines(file.name, readLines(file));
}

/**
 * The dataset that named values make, line by line, wherever they come from.
 * @throws LatheError `data-line`, `data-empty`
 */
export function datasetOfLines(name: string, lines: readonly Line[]): Dataset {
  if (lines.length === 0) throw emptyData(name);
  if ('text' in lines[0].value) return textsOf(name, lines);
  return pairsOfLines(name, lines) ?? arraysOf(name, lines);
}

function readLines(file: DataFile): Line[] {
  return decodeText(file)
    .split('\n')
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, number }) => ({ number, value: parseLine(file.name, number, text) }));
}

function parseLine(name: string, number: number, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw lineError(name, number, 'is not valid JSON', 'write one JSON object on each line');
  }
  const parsed = Array.isArray(value) ? undefined : arrayLine.safeParse(value);
  if (parsed?.success) return parsed.data;
  throw lineError(name, number, 'is not a JSON object', 'write one JSON object on each line');
}

function textsOf(name: string, lines: readonly Line[]): TextDataset {
  const parsed = lines.map(({ number, value }) => {
    const line = textLine.safeParse(value);
    if (line.success) return { number, ...line.data };
    const field = line.error.issues[0].path.join('.');
    const remedy =
      'give each line a string "text" and, if any, a "label", a class number from 0 or a class name';
    throw lineError(name, number, `has no usable "${field}"`, remedy);
  });
  const documents = parsed.map(({ text }) => text);
  return { kind: 'text', name, documents, ...labelsOf(name, parsed) };
}

function arraysOf(name: string, lines: readonly Line[]): Dataset {
  const keys = Object.keys(lines[0].value);
  const ragged = raggedOf(name, keys, lines);
  const arrays = keys.map((key) => {
    const rows = ragged?.names.includes(key)
      ? filledUp(key, ragged, lines)
      : stack(name, key, lines);
    return [key, rows] as const;
  });
  const found = examplesOf(name, Object.fromEntries(arrays));
  if (ragged === undefined) return found;
  const { positionLabels: labels } = found;
  return {
    ...{ ...found, ragged },
    ...(labels && { positionLabels: withoutPadding(labels, ragged.lengths) }),
  };
}

function stack(name: string, key: string, lines: readonly Line[]): Value {
  const shape = shapeOf(lines[0].value[key]);
  const numbers: number[] = [];
  for (const { number, value } of lines) {
    if (flatten(value[key], shape, 0, numbers)) continue;
    const what = `has no array of numbers "${key}" of shape [${shape.join(', ')}] like the first line`;
    throw lineError(name, number, what, 'give every line the same arrays');
  }
  const dims = [lines.length, ...shape];
  if (numbers.every(Number.isSafeInteger)) {
    return { dataType: DataType.int64, dims, data: BigInt64Array.from(numbers, BigInt) };
  }
  return { dataType: DataType.float32, dims, data: Float32Array.from(numbers) };
}

function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

/** Appends the numbers of `value`; false if it is not of this shape. Depth is bounded by the shape. */
function flatten(value: unknown, shape: readonly number[], depth: number, into: number[]): boolean {
  if (depth === shape.length) {
    if (typeof value !== 'number') return false;
    into.push(value);
    return true;
  }
  if (!Array.isArray(value) || value.length !== shape[depth]) return false;
  return value.every((item) => flatten(item, shape, depth + 1, into));
}

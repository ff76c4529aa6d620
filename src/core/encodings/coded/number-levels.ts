import { fromFloat32, toFloat32 } from '../../tensor/convert.ts';
import { planned } from '../problems.ts';
import type { Coded, FixedTable, Numbers } from '../types.ts';
import { decodeNumbers } from './decode.ts';
import { isPlain } from './tensors.ts';

/** Codes of a fixed table, by groups of one row: what scales and zeros are coded as. */
type TableCodes = Coded & { readonly grid: FixedTable };

/**
 * Numbers with the scales of their own that `values` [count] need, so that it is known which values they can take:
 * per group the largest |value| over the table's largest. Others are returned as they are.
 */
export function fitNumbers(numbers: Numbers, values: Float32Array): Numbers {
  if (isPlain(numbers) || !hasTable(numbers.coded)) return numbers;
  const { coded } = numbers;
  const { scales, groupSize, grid } = coded;
  if (scales === undefined || !isPlain(scales)) return numbers;
  const top = grid.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const largest = new Float32Array(Math.ceil(values.length / groupSize));
  values.forEach((value, i) => {
    const at = Math.floor(i / groupSize);
    largest[at] = Math.max(largest[at], Math.abs(value) / top);
  });
  const stored = fromFloat32(scales.dataType, largest, true);
  const rounded = toFloat32(scales.dataType, stored, largest.length);
  return { coded: { ...coded, scales: { ...scales, values: rounded } } };
}

/**
 * What number `at` of fitted numbers can be, in the order of its codes; undefined where it can be any float. The
 * same array for numbers of one group. Throws `encoding-planned` before {@link fitNumbers}.
 */
export function levelsOf(numbers: Numbers): (at: number) => Float32Array | undefined {
  if (isPlain(numbers) || !hasTable(numbers.coded)) return () => undefined;
  const { scales, groupSize, grid } = numbers.coded;
  if (scales === undefined) return () => grid.values;
  if (!isPlain(scales)) return () => undefined;
  const own = scales.values ?? planned();
  const known: Float32Array[] = [];
  return (at) => {
    const group = Math.floor(at / groupSize);
    return (known[group] ??= grid.values.map((value) => Math.fround(own[group] * value)));
  };
}

/** Fitted numbers that are nearest to `values`; plain ones take them as they are. */
export function withNumbers(numbers: Numbers, values: Float32Array): Numbers {
  if (isPlain(numbers)) return { ...numbers, values };
  if (!hasTable(numbers.coded)) return numbers;
  const fitted = isFitted(numbers.coded) ? numbers : fitNumbers(numbers, values);
  if (isPlain(fitted)) return fitted;
  const levels = levelsOf(fitted);
  const codes = Uint8Array.from(values, (value, at) => nearest(levels(at) ?? [], value));
  return { coded: { ...fitted.coded, codes } };
}

/** `values` as these numbers can hold them. */
export function roundNumbers(numbers: Numbers, values: Float32Array): Float32Array {
  return decodeNumbers(withNumbers(numbers, values), values.length);
}

/** Of levels equally near, the first. */
function nearest(levels: ArrayLike<number>, value: number): number {
  let best = 0;
  for (let k = 1; k < levels.length; k++)
    if (Math.abs(levels[k] - value) < Math.abs(levels[best] - value)) best = k;
  return best;
}

function isFitted({ scales }: Coded): boolean {
  return scales === undefined || !isPlain(scales) || scales.values !== undefined;
}

function hasTable(coded: Coded): coded is TableCodes {
  return coded.grid !== 'integer' && coded.grid.shared === 'fixed';
}

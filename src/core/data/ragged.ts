import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import { lineError, type Line } from './line-error.ts';
import type { Ragged } from './types.ts';

/** A list of one or more whole numbers: tokens, or a mask over them. */
function tokensOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const list: readonly unknown[] = value;
  return list.every((item) => Number.isSafeInteger(item)) ? (list as readonly number[]) : undefined;
}

/**
 * The arrays of a file that are lists of whole numbers of different lengths, with the length of each line;
 * undefined where there are none. Throws `data-line` where the lists of one line differ.
 */
export function raggedOf(
  name: string,
  keys: readonly string[],
  lines: readonly Line[],
): Ragged | undefined {
  const names = keys.filter((key) => {
    const lists = lines.map(({ value }) => tokensOf(value[key]));
    return lists.every((list) => list) && new Set(lists.map((list) => list?.length)).size > 1;
  });
  if (names.length === 0) return undefined;
  const [first, ...others] = names;
  const lengthIn = ({ value }: Line, key: string) => tokensOf(value[key])?.length ?? 0;
  for (const line of lines) {
    const other = others.find((key) => lengthIn(line, key) !== lengthIn(line, first));
    if (other === undefined) continue;
    const what = `has ${lengthIn(line, first)} numbers in "${first}" and ${lengthIn(line, other)} in "${other}"`;
    throw lineError(name, line.number, what, 'make all lists of a line equally long');
  }
  return { names, lengths: Int32Array.from(lines, (line) => lengthIn(line, first)) };
}

/** Rows [lines, longest] as int64, zeros behind the shorter ones. */
export function filledUp(key: string, { lengths }: Ragged, lines: readonly Line[]): Value {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const data = new BigInt64Array(lines.length * longest);
  lines.forEach(({ value }, row) => {
    data.set((tokensOf(value[key]) ?? []).map(BigInt), row * longest);
  });
  return { dataType: DataType.int64, dims: [lines.length, longest], data };
}

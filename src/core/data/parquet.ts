import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { LatheError } from '../errors/lathe-error.ts';
import type { Line } from './line-error.ts';
import { pairColumns } from './pairs.ts';
import type { DataFile } from './types.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * The rows of a Parquet file as named values, numbered from 1, as a `.jsonl` file would hold them: whole numbers as
 * numbers, bytes as they are. Where no column is called `text` but only one holds strings, that is the text; other
 * columns of strings say nothing that a model reads, and are left out, unless two of them are pairs.
 * @throws LatheError `parquet-unreadable`
 */
export async function parquetLines(file: DataFile): Promise<Line[]> {
  const rows = (await readRows(file)).map(plainRow);
  const rename = renaming(rows[0] ?? {});
  return rows.map((row, index) => ({ number: index + 1, value: rename(row) }));
}

async function readRows({ name, bytes }: DataFile): Promise<readonly Row[]> {
  const slice = (from: number, to = bytes.length) => bytes.slice(from, to).buffer;
  try {
    return await parquetReadObjects({
      file: { byteLength: bytes.length, slice },
      compressors,
      utf8: false,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LatheError(
      'parquet-unreadable',
      `The file "${name}" cannot be read as Parquet (${reason}); download it again, or save it as .jsonl.`,
    );
  }
}

function plainRow(row: Row): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)]));
}

/** Nested lists of plain numbers. Parquet's 64-bit numbers come as bigint, packed lists as typed arrays. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array || value === null || typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, plain);
  return Array.isArray(value) ? value.map(plain) : plainRow(value as Row);
}

/** How columns get the names that are read. */
function renaming(first: Row): (row: Row) => Record<string, unknown> {
  const strings = Object.keys(first).filter((key) => typeof first[key] === 'string');
  if (pairColumns(strings) !== undefined) return (row) => row;
  const texts = strings.filter((key) => key !== 'label');
  const text = 'text' in first ? 'text' : texts.length === 1 ? texts[0] : undefined;
  const kept = (key: string) => text === undefined || ['text', 'label'].includes(key);
  return (row) =>
    Object.fromEntries(
      Object.entries(row)
        .map(([key, value]) => [key === text ? 'text' : key, value] as const)
        .filter(
          ([key]) => kept(key) && (text !== undefined || !strings.includes(key) || key === 'label'),
        ),
    );
}

import { gunzipSync } from 'fflate';
import { LatheError } from '../errors/lathe-error.ts';
import { decodePicture } from './image-file.ts';
import { datasetOfLines } from './jsonl.ts';
import { labelsOf } from './labels.ts';
import type { Line } from './line-error.ts';
import { parseDataset } from './parse-dataset.ts';
import { parquetLines } from './parquet.ts';
import { picturesOf } from './picture-files.ts';
import type { DataFile, StoredDataset } from './types.ts';
import { readZip } from './zip.ts';

/** Endings of files that {@link readDatasetFile} takes. */
export const DATA_ENDINGS = [
  ...['csv', 'tsv', 'txt', 'jsonl', 'npz', 'npy', 'parquet', 'zip'],
] as const;

/** A file that is data, packed by gzip or not. */
export const DATA_NAME = new RegExp(`\\.(${DATA_ENDINGS.join('|')})(\\.gz)?$`, 'i');

/**
 * A dataset from one file: everything that {@link parseDataset} takes, packed by gzip or not, Parquet (rows as in a
 * `.jsonl`, or pictures), and a `.zip` of pictures, a folder for each class.
 * @throws LatheError `gzip-damaged` and the errors of the format
 */
export async function readDatasetFile(packed: DataFile): Promise<StoredDataset> {
  const file = unpacked(packed);
  const name = file.name.toLowerCase();
  if (name.endsWith('.zip')) return picturesOf(file.name, readZip(file.bytes, file.name));
  if (!name.endsWith('.parquet')) return parseDataset(file);
  const lines = await parquetLines(file);
  return picturesIn(file.name, lines) ?? datasetOfLines(file.name, lines);
}

function unpacked({ name, bytes }: DataFile): DataFile {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { name, bytes };
  try {
    return { name: name.replace(/\.gz$/i, ''), bytes: gunzipSync(bytes) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LatheError(
      'gzip-damaged',
      `The file "${name}" is packed by gzip but cannot be unpacked (${reason}); download it again.`,
    );
  }
}

/** A column `image` of stored files, as Hugging Face's datasets keep pictures. */
function picturesIn(name: string, lines: readonly Line[]): StoredDataset | undefined {
  const [first] = lines;
  const column = Object.keys(first?.value ?? {}).find((key) => storedBytes(first, key));
  if (column === undefined) return undefined;
  const pictures = lines.map((line) =>
    decodePicture({
      name: `${name}, line ${line.number}`,
      bytes: storedBytes(line, column) ?? new Uint8Array(),
    }),
  );
  const labelled = lines.map(({ number, value }) => ({ number, ...labelIn(value['label']) }));
  return { kind: 'pictures', name, pictures, ...labelsOf(name, labelled) };
}

function storedBytes({ value }: Line, key: string): Uint8Array | undefined {
  const cell = value[key];
  if (cell instanceof Uint8Array) return cell;
  const inner: unknown = typeof cell === 'object' && cell !== null && 'bytes' in cell && cell.bytes;
  return inner instanceof Uint8Array ? inner : undefined;
}

function labelIn(label: unknown): { label?: number | string } {
  return typeof label === 'number' || typeof label === 'string' ? { label } : {};
}

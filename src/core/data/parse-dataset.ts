import { LatheError } from '../errors/lathe-error.ts';
import { examplesOf } from './examples.ts';
import { parseJsonl } from './jsonl.ts';
import { readNpy } from './npy.ts';
import { parseCsv, parseTsv } from './table.ts';
import { parseText } from './text-file.ts';
import type { DataFile, Dataset } from './types.ts';
import { readZip } from './zip.ts';

const PARSERS: Readonly<Record<string, (file: DataFile) => Dataset>> = {
  txt: parseText,
  jsonl: parseJsonl,
  csv: parseCsv,
  tsv: parseTsv,
  npz: parseNpz,
  npy: parseNpy,
};

/**
 * A dataset from one file, by its extension: `.txt` (documents), `.csv` and `.tsv` (texts, with or
 * without labels, or pairs of texts), `.jsonl` (texts or arrays, with or without labels, or pairs of texts), `.npz` (named arrays) or `.npy` (one array, named after the file).
 * @throws LatheError `data-format` and the errors of the format
 */
export function parseDataset(file: DataFile): Dataset {
  const extension = /\.([^./]+)$/.exec(file.name.toLowerCase())?.[1] ?? '';
  const parse = Object.hasOwn(PARSERS, extension) ? PARSERS[extension] : undefined;
  if (parse === undefined) {
    throw new LatheError(
      'data-format',
      `The file "${file.name}" is no data that can be read; give a .txt, .csv, .tsv, .jsonl, .npz, .npy or .parquet file, or a .zip of pictures.`,
    );
  }
  return parse(file);
}

function parseNpz({ name, bytes }: DataFile): Dataset {
  const arrays = readZip(bytes, name)
    .filter((entry) => entry.name.endsWith('.npy'))
    .map((entry) => [entry.name.slice(0, -4), readNpy(entry.read(), entry.name)] as const);
  return examplesOf(name, Object.fromEntries(arrays));
}

function parseNpy({ name, bytes }: DataFile): Dataset {
  const stem = name.slice(name.lastIndexOf('/') + 1).replace(/\.npy$/i, '');
  return examplesOf(name, { [stem]: readNpy(bytes, name) });
}

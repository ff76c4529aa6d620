import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseDataset } from '../core/data/parse-dataset.ts';
import type { Dataset } from '../core/data/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import { companion } from '../engine/model/folder.ts';
import { dataFile, readDataset, type OpenModel } from '../engine/model/open.ts';
import { modelFolder, sampleFolder } from './files/model-folder.ts';

export type Purpose = 'calibration' | 'evaluation';

/** Reads D or E: a file, or the calibration or evaluation part of `sample:NAME`. */
export async function readData(reference: string, purpose: Purpose): Promise<Dataset> {
  if ((await sampleFolder(reference)) === undefined) return fromFile(reference);
  const file = dataFile(await modelFolder(reference), purpose);
  if (file !== undefined) return { ...(await readDataset(file)), name: reference };
  throw new LatheError(
    'sample-no-data',
    `The sample "${reference}" has no ${purpose} data; give a .txt, .csv, .tsv, .jsonl or .npz file.`,
  );
}

async function fromFile(path: string): Promise<Dataset> {
  const bytes = await readFile(path).catch(() => {
    throw new LatheError(
      'data-missing',
      `There is no data file "${path}"; give a .txt, .csv, .tsv, .jsonl or .npz file, or sample:NAME.`,
    );
  });
  return parseDataset({ name: basename(path), bytes: new Uint8Array(bytes) });
}

/** What was asked for, else what the recipe names (beside the model, or a path), else what came with the model. */
export async function calibrationOf(
  open: OpenModel,
  asked: string | undefined,
  named: string | undefined,
): Promise<Dataset | undefined> {
  const beside = asked === undefined && named !== undefined && companion(open.folder, named);
  if (beside) return readDataset(beside);
  const reference = asked ?? named;
  if (reference !== undefined) return readData(reference, 'calibration');
  const file = dataFile(open.folder, 'calibration');
  return file && readDataset(file);
}

export async function evaluationOf(asked: string | undefined): Promise<Dataset | undefined> {
  return asked === undefined ? undefined : readData(asked, 'evaluation');
}

/** Reads when it is first needed, and not again. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

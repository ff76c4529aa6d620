import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseDataset } from '../core/data/parse-dataset.ts';
import type { Dataset } from '../core/data/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { chooseData, type Wishes } from '../engine/data/choose.ts';
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

/** The data of a run: what `--data` and `--eval` name, else what the engine chooses for every face. */
export async function chosenData(
  open: OpenModel,
  recipe: Recipe,
  data: string | undefined,
  evaluation: string | undefined,
) {
  return chooseData(open, recipe, await wishesOf(data, evaluation));
}

/** What `--data` and `--eval` name, read once. */
export async function wishesOf(
  data: string | undefined,
  evaluation: string | undefined,
): Promise<Wishes> {
  return {
    ...(data !== undefined && { calibration: await readData(data, 'calibration') }),
    ...(evaluation !== undefined && { evaluation: await readData(evaluation, 'evaluation') }),
    elsewhere,
  };
}

/** A recipe may name a sample, or a file by its path. */
async function elsewhere(name: string): Promise<Dataset | undefined> {
  const found = (await sampleFolder(name)) ?? (await stat(name).catch(() => undefined));
  return found === undefined ? undefined : readData(name, 'calibration');
}

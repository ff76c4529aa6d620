import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Dataset } from '../core/data/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { chooseData } from '../engine/data/choose.ts';
import { dataFiles, readData as readFiles } from '../engine/data/read.ts';
import type { OpenModel } from '../engine/model/open.ts';
import { filesUnder, modelFolder, sampleFolder } from './files/model-folder.ts';
import { nodeFileSource } from './files/node-file-source.ts';

export type Purpose = 'calibration' | 'evaluation';

/** Reads D or E: a file, a folder of pictures, or the calibration or evaluation part of `sample:NAME`. */
export async function readData(
  open: OpenModel,
  reference: string,
  purpose: Purpose,
): Promise<Dataset> {
  if ((await sampleFolder(reference)) === undefined) return fromDisk(open, reference);
  const files = dataFiles(await modelFolder(reference), purpose);
  if (files.length > 0) return { ...(await readFiles(open, files, reference)), name: reference };
  throw new LatheError(
    'sample-no-data',
    `The sample "${reference}" has no ${purpose} data; give ${KINDS}.`,
  );
}

const KINDS = 'a .txt, .csv, .tsv, .jsonl, .npz or .parquet file, or a folder or .zip of pictures';

async function fromDisk(open: OpenModel, path: string): Promise<Dataset> {
  const found = await stat(path).catch(() => {
    throw new LatheError(
      'data-missing',
      `There is no data file "${path}"; give ${KINDS}, or sample:NAME.`,
    );
  });
  if (found.isDirectory()) return readFiles(open, await filesUnder(path), basename(path));
  const file = { path: basename(path), source: await nodeFileSource(path) };
  return readFiles(open, [file], basename(path));
}

/** The data of a run: what `--data` and `--eval` name, else what the engine chooses for every face. */
export async function chosenData(
  open: OpenModel,
  recipe: Recipe,
  data: string | undefined,
  evaluation: string | undefined,
) {
  return chooseData(open, recipe, {
    ...(data !== undefined && { calibration: await readData(open, data, 'calibration') }),
    ...(evaluation !== undefined && { evaluation: await readData(open, evaluation, 'evaluation') }),
    elsewhere: (name) => elsewhere(open, name),
  });
}

/** A recipe may name a sample, or a file by its path. */
async function elsewhere(open: OpenModel, name: string): Promise<Dataset | undefined> {
  const found = (await sampleFolder(name)) ?? (await stat(name).catch(() => undefined));
  return found === undefined ? undefined : readData(open, name, 'calibration');
}

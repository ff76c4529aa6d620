import { isCacheInput } from '../../core/data/cache-input.ts';
import { fitPictures } from '../../core/data/fit-pictures.ts';
import { PICTURE_NAME } from '../../core/data/picture-name.ts';
import { picturesOf } from '../../core/data/picture-files.ts';
import { DATA_ENDINGS, DATA_NAME, readDatasetFile } from '../../core/data/read-dataset.ts';
import type { Dataset, StoredDataset } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { companion, readAll, type FolderFile, type ModelFolder } from '../model/folder.ts';
import type { OpenModel } from '../model/open.ts';
import { openSizes } from './open-sizes.ts';

export type Purpose = 'calibration' | 'evaluation';

/** What of a model says how stored data becomes its examples. */
type Reader = Pick<OpenModel, 'name' | 'model' | 'config' | 'preprocessor' | 'labels'>;

/**
 * The folder's data for a purpose, when it has some: the files in a folder called `calibration` or `evaluation`
 * (where the page puts what was chosen), one file or pictures in their folders, else `calibration.*` or `evaluation.*`.
 */
export function dataFiles(folder: ModelFolder, purpose: Purpose): readonly FolderFile[] {
  const within = folder.files.filter(({ path }) => new RegExp(`(^|/)${purpose}/`, 'i').test(path));
  const file = within.find(({ path }) => DATA_NAME.test(path) && !/\/.*\/.*\//.test(path));
  if (file !== undefined) return [file];
  const pictures = within.filter(({ path }) => PICTURE_NAME.test(path));
  if (pictures.length > 0) return pictures;
  const beside = DATA_ENDINGS.flatMap((ending) => [ending, `${ending}.gz`])
    .map((ending) => companion(folder, `${purpose}.${ending}`))
    .find((found) => found !== undefined);
  return beside === undefined ? [] : [beside];
}

/** The data that came with a model, as its examples; undefined when there is none. */
export async function ownData(
  open: Reader & Pick<OpenModel, 'folder'>,
  purpose: Purpose,
): Promise<Dataset | undefined> {
  const files = dataFiles(open.folder, purpose);
  return files.length === 0 ? undefined : readData(open, files, purpose);
}

/** One file, or the pictures of a folder, as examples of the model. */
export async function readData(
  open: Reader,
  files: readonly FolderFile[],
  name: string,
): Promise<Dataset> {
  const [first] = files;
  const single = files.length === 1 && !PICTURE_NAME.test(first.path);
  return forModel(open, single ? await readFile(first) : await readPictures(name, files));
}

async function readFile(file: FolderFile): Promise<StoredDataset> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return readDatasetFile({ name, bytes: await readAll(file) });
}

function readPictures(name: string, files: readonly FolderFile[]): Promise<StoredDataset> {
  const stored = files.map((file) => ({ name: file.path, read: () => readAll(file) }));
  return picturesOf(name, stored);
}

/** Data as it is stored, as what the model takes: pictures get its size and channels. Throws `data-kind`. */
export function forModel(open: Reader, stored: StoredDataset): Dataset {
  if (stored.kind !== 'pictures') return stored;
  const input = inputPorts(open.model).find(takesPictures);
  if (input === undefined) throw noPictures(open, stored.name);
  return fitPictures(stored, sizesOf(open, input), open.preprocessor, open.labels);
}

const FLOATS = new Set<number>([DataType.float32, DataType.float16]);

/** Keys and values of a cache have four axes too. */
function takesPictures({ name, dataType, dims }: PortInfo): boolean {
  return FLOATS.has(dataType) && dims.length === 4 && !isCacheInput(name);
}

/** What the graph fixes, else what weights, config and preprocessor tell. */
function sizesOf(open: Reader, { name, dims }: PortInfo) {
  const told = openSizes(open);
  const [, channels, height, width] = dims.map((dim) =>
    typeof dim === 'number' ? dim : told[dim],
  );
  return {
    name,
    ...(channels !== undefined && { channels }),
    ...(height !== undefined && { height }),
    ...(width !== undefined && { width }),
  };
}

function noPictures(open: Reader, data: string): LatheError {
  return new LatheError(
    'data-kind',
    `The data "${data}" is pictures, but the model "${open.name}" takes no image; give data of the kind its inputs take.`,
  );
}

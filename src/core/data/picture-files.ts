import { LatheError } from '../errors/lathe-error.ts';
import { decodePicture } from './image-file.ts';
import { PICTURE_NAME } from './picture-name.ts';
import type { DataFile, PictureDataset } from './types.ts';

/** A file of a folder or archive, read when it is asked for. */
export interface StoredFile {
  readonly name: string;
  read(): Uint8Array | Promise<Uint8Array>;
}

/**
 * Pictures of a folder in the order of their paths. Where all lie in folders (`cat/1.png`), these are their labels:
 * the last folder's name of each. Hidden files are left out.
 * @throws LatheError `data-no-pictures`, `image-unreadable`
 */
export async function picturesOf(
  name: string,
  files: readonly StoredFile[],
): Promise<PictureDataset> {
  const found = files
    .filter((file) => PICTURE_NAME.test(file.name) && !/(^|\/)(\.|__MACOSX\/)/.test(file.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (found.length === 0) throw noPictures(name);
  const pictures = [];
  for (const file of found) pictures.push(decodePicture(await bytesOf(file)));
  const folders = found.map((file) => /([^/]+)\/[^/]+$/.exec(file.name)?.[1]);
  const written = folders.filter((folder) => folder !== undefined);
  // One folder around everything is a way of packing, not a class.
  const labelled = written.length === found.length && new Set(written).size > 1;
  return { kind: 'pictures', name, pictures, ...(labelled && { writtenLabels: written }) };
}

async function bytesOf(file: StoredFile): Promise<DataFile> {
  return { name: file.name, bytes: await file.read() };
}

function noPictures(name: string): LatheError {
  return new LatheError(
    'data-no-pictures',
    `"${name}" holds no pictures (.png, .jpg), so there is nothing to read; put pictures into one folder for each class.`,
  );
}

import { partOf } from '../../core/companions/parts.ts';
import type { FolderFile, ModelFolder } from '../../../workers/protocol.ts';

/** With its path inside the picked folder, forward slashes. */
export type PickedFile = FolderFile;

const DATA = /\.((txt|csv|tsv|jsonl|npz|npy|parquet)(\.gz)?|zip|png|jpe?g)$/i;

/** What a drop means for the page; whether the bytes make sense is for the engine to say. */
export type Drop =
  | { readonly kind: 'model'; readonly folder: ModelFolder }
  | { readonly kind: 'data'; readonly files: readonly PickedFile[] }
  /** Data alone, and no model that it could join. */
  | { readonly kind: 'data-first'; readonly files: readonly PickedFile[] }
  | { readonly kind: 'recipe'; readonly file: PickedFile }
  | { readonly kind: 'nothing' };

/** Data alone joins the open model, a lone JSON is a recipe, everything else is offered as a model. */
export function sortDrop(files: readonly PickedFile[], modelOpen: boolean): Drop {
  const visible = files.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')));
  if (visible.length === 0) return { kind: 'nothing' };
  if (visible.length === 1 && /\.json$/i.test(visible[0].path)) {
    return { kind: 'recipe', file: visible[0] };
  }
  const data = visible.every(({ path }) => DATA.test(path));
  if (data && modelOpen) return { kind: 'data', files: visible };
  // A zip may hold a model's folder as well as pictures.
  if (data && !visible.some(({ path }) => /\.zip$/i.test(path))) {
    return { kind: 'data-first', files: visible };
  }
  return { kind: 'model', folder: folderOf(visible, 'file') };
}

/** A model folder from loose files: the common parent directory is dropped from the paths. */
export function folderOf(files: readonly PickedFile[], origin: string): ModelFolder {
  const root = commonDirectory(files.map(({ path }) => path));
  const inside = files.map(({ path, blob }) => ({ path: path.slice(root.length), blob }));
  return { name: nameOf(inside, root), origin, files: inside };
}

export type Purpose = 'calibration' | 'evaluation';

/** What a file's name says it is for. */
export function purposeOf(path: string): Purpose | undefined {
  const [, , named] = /(^|\/)(calibration|evaluation)((?:\.\w+){1,2}|\/[^/]+)$/i.exec(path) ?? [];
  return named === undefined ? undefined : (named.toLowerCase() as Purpose);
}

/** Whether the engine would take it for calibration or evaluation data. */
export function isData(path: string): boolean {
  return DATA.test(path) && /(^|\/)(calibration|evaluation)[./]/i.test(path);
}

/** What the last word of a file's name says it is for: `moby-calibration.txt`, `mails.evaluation.csv`. */
export function saidPurpose(path: string): Purpose | undefined {
  const [, said] = /[-_. ](calibration|evaluation)(\.\w+){1,2}$/i.exec(path) ?? [];
  return said === undefined ? undefined : (said.toLowerCase() as Purpose);
}

/** The file where the engine looks for data of this purpose, under its own name. */
export function forPurpose({ path, ...file }: PickedFile, purpose: Purpose): PickedFile {
  return { ...file, path: `${purpose}/${path.slice(path.lastIndexOf('/') + 1)}` };
}

/** The folder with data added; what it had for the same purpose is replaced. */
export function withData(folder: ModelFolder, data: readonly PickedFile[]): ModelFolder {
  const added = new Set(data.map(({ path }) => path));
  const purposes = new Set(data.map(({ path }) => purposeOf(path)));
  const isReplaced = (path: string): boolean => {
    const purpose = DATA.test(path) ? purposeOf(path) : undefined;
    return added.has(path) || (purpose !== undefined && purposes.has(purpose));
  };
  const kept = folder.files.filter(({ path }) => !isReplaced(path));
  return { ...folder, files: [...kept, ...data] };
}

/** The directory that holds all of the paths, with a slash at its end. */
export function commonDirectory(paths: readonly string[]): string {
  const directories = paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1));
  const [first = '', ...rest] = directories;
  let root = first;
  while (!rest.every((directory) => directory.startsWith(root))) {
    root = root.slice(0, root.lastIndexOf('/', root.length - 2) + 1);
  }
  return root;
}

function nameOf(files: readonly PickedFile[], root: string): string {
  const directory = root.split('/').filter(Boolean).at(-1);
  const model = files.find(({ path }) => /\.onnx$/i.test(path)) ?? files[0];
  const file = model.path.split('/').at(-1) ?? model.path;
  const stem = file.replace(/\.[^.]+$/, '');
  // What names a kind of file says nothing about the model.
  if (partOf(model).role !== 'model') return directory ?? 'model';
  return directory !== undefined && /^model/i.test(stem) ? directory : stem;
}

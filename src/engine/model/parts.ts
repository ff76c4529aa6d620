import type { FolderFile, ModelFolder } from './folder.ts';

/**
 * What one `.onnx` file is in its folder. Exporters (Optimum, transformers.js) cut a model into files and
 * say so by their names alone; a file by any other name is a model of its own.
 */
export type PartRole =
  | 'model'
  | 'encoder'
  | 'decoder'
  | 'decoder-with-past'
  | 'decoder-merged'
  | 'text'
  | 'vision'
  | 'audio'
  | 'embedding';

/** One `.onnx` file of a model folder. */
export interface ModelPart {
  readonly path: string;
  readonly role: PartRole;
  /** The dtype its name states ("fp16", "q4"); `fp32` where it states none. */
  readonly dtype: string;
}

const ROLES: readonly [RegExp, PartRole][] = [
  [/^decoder_model_merged$/, 'decoder-merged'],
  [/^decoder_with_past_model$/, 'decoder-with-past'],
  [/^decoder(_model)?$/, 'decoder'],
  [/^(encoder|text_encoder|prompt_encoder)(_model)?$/, 'encoder'],
  [/^text_model$/, 'text'],
  [/^vision_(model|encoder)$/, 'vision'],
  [/^audio_(model|encoder)$/, 'audio'],
  [/^embed_tokens$/, 'embedding'],
];

/** Suffixes of transformers.js' dtypes, and of Optimum's quantizer. */
const DTYPE = /_(fp16|fp32|int8|uint8|q8|q4|q4f16|q3|q2|q1|bnb4|quantized)$/;

/** The parts of a folder in the order of their paths. */
export function partsOf({ files }: ModelFolder): readonly ModelPart[] {
  return files.filter(({ path }) => /\.onnx$/i.test(path)).map(partOf);
}

/** What the name of a file says it is. */
export function partOf({ path }: Pick<FolderFile, 'path'>): ModelPart {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.onnx$/i, '');
  const dtype = DTYPE.exec(stem)?.[1];
  const base = stem.replace(DTYPE, '');
  const role = ROLES.find(([pattern]) => pattern.test(base))?.[1] ?? 'model';
  return { path, role, dtype: dtype === undefined ? 'fp32' : dtype === 'quantized' ? 'q8' : dtype };
}

/** The part with another role that belongs to one: in the same place, of the same dtype where there is one. */
export function siblingPart(
  folder: ModelFolder,
  part: ModelPart,
  role: PartRole,
): ModelPart | undefined {
  const beside = partsOf(folder).filter(
    (other) => other.role === role && placeOf(other) === placeOf(part),
  );
  const [exact, plain] = [part.dtype, 'fp32'].map((dtype) =>
    beside.find((other) => other.dtype === dtype),
  );
  return exact ?? plain ?? beside[0];
}

function placeOf({ path }: ModelPart): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

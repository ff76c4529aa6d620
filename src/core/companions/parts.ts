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
const DTYPE = /_(fp16|fp32|int8|uint8|q8|q4|q4f16|q3|q2|q2f16|q1|q1f16|bnb4|quantized)$/;

/** What the name of a file says it is. */
export function partOf({ path }: { readonly path: string }): ModelPart {
  const dtype = DTYPE.exec(stemOf(path))?.[1];
  const base = partBase({ path });
  const role = ROLES.find(([pattern]) => pattern.test(base))?.[1] ?? 'model';
  return { path, role, dtype: dtype === undefined ? 'fp32' : dtype === 'quantized' ? 'q8' : dtype };
}

/** The name of a part without folder, dtype and ending: `decoder_model_merged`. */
export function partBase({ path }: { readonly path: string }): string {
  return stemOf(path).replace(DTYPE, '');
}

/** The folder a part lies in, with a closing slash; empty at the top. */
export function partPlace({ path }: { readonly path: string }): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** `onnx/encoder_model_q4.onnx`: `encoder_model_q4`. */
export function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.onnx$/i, '');
}

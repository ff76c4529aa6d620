import { foldBranches } from './branches/fold.ts';
import { model as modelCodec } from './proto/model.ts';
import { tensor as tensorCodec } from './proto/tensor.ts';
import { problems } from './problems.ts';
import { chunksOf } from './tensor-data.ts';
import type { Model, Tensor } from './types.ts';
import { Output, type Part } from './wire/output.ts';

export { externalize, type ExternalFile, type ExternalizeOptions } from './externalize.ts';

/** A file as a list of pieces: views of memory, and handles to be streamed. */
export interface Parts {
  /** Exact size of the file, known without reading any tensor. */
  readonly byteLength: number;
  readonly parts: readonly Part[];
}

/** protobuf's own limit for one message. */
const MAX_FILE = 2 ** 31 - 1;

/**
 * The model as an ONNX file in pieces. Objects that are unchanged since they were read are their
 * original bytes, by reference; changed ones are encoded anew with their unknown fields kept.
 * Throws `onnx-too-large` above 2³¹ − 1 bytes.
 */
export function modelParts(model: Model): Parts {
  const output = new Output();
  modelCodec.write(output, foldBranches(model));
  if (output.byteLength > MAX_FILE) throw problems.tooLarge(output.byteLength);
  return { byteLength: output.byteLength, parts: output.parts() };
}

/** Exact size of the model's file, also where it would be too large to be one. Reads nothing. */
export function encodedLength(model: Model): number {
  const known = lengths.get(model);
  if (known !== undefined) return known;
  const output = new Output();
  modelCodec.write(output, foldBranches(model));
  lengths.set(model, output.byteLength);
  return output.byteLength;
}

/** Models do not change, and a forecast asks for the size of the same original with every option. */
const lengths = new WeakMap<Model, number>();

/** The model as one ONNX file in memory. Throws like {@link modelParts}; `tensor-planned` for planned tensors. */
export async function writeModel(model: Model): Promise<Uint8Array> {
  return joinParts(modelParts(model));
}

/** One TensorProto (the `.pb` files of ONNX test data). */
export async function writeTensor(tensor: Tensor): Promise<Uint8Array> {
  const output = new Output();
  tensorCodec.write(output, tensor);
  return joinParts({ byteLength: output.byteLength, parts: output.parts() });
}

/** Copies all pieces into one array, reading handles chunk by chunk. */
export async function joinParts({ byteLength, parts }: Parts): Promise<Uint8Array> {
  const file = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      file.set(part, at);
      at += part.byteLength;
      continue;
    }
    for await (const chunk of chunksOf(part)) {
      file.set(chunk, at);
      at += chunk.byteLength;
    }
  }
  return file;
}

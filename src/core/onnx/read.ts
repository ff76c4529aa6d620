import { LatheError } from '../errors/lathe-error.ts';
import { model } from './proto/model.ts';
import { tensor } from './proto/tensor.ts';
import { bytesSource } from './source.ts';
import { HEAD_BYTES, identify, notOnnx } from './sniff.ts';
import type { ByteSource, Model, Tensor } from './types.ts';
import { validateModel } from './validate.ts';
import { type ExternalResolver, Input } from './wire/input.ts';
import { Region } from './wire/region.ts';
import { scanModel } from './wire/scan.ts';

export interface ReadOptions {
  /** Opens external data by its path relative to the model's folder; undefined when there is none. */
  readonly external?: ExternalResolver;
  /** The file's name, for error messages. */
  readonly name?: string;
}

/**
 * Reads an ONNX model. From memory nothing is copied: tensors are views. From any other source the
 * payloads of large tensors are skipped and read only when asked for.
 * Throws a LatheError with one sentence for everything that is not a well-formed model.
 */
export async function readModel(source: ByteSource, options: ReadOptions = {}): Promise<Model> {
  const { byteLength } = source;
  const head = await source.read(0, Math.min(HEAD_BYTES, byteLength));
  const kind = identify(head, byteLength, options.name);
  if (kind !== 'onnx' && kind !== 'unknown') throw notOnnx(kind, options.name);
  try {
    return await parse(source, options);
  } catch (error) {
    // Not one field of an unknown file needs to make sense; saying which one does not helps nobody.
    if (kind === 'unknown' && error instanceof LatheError) throw notOnnx(kind, options.name);
    throw error;
  }
}

async function parse(source: ByteSource, { external }: ReadOptions): Promise<Model> {
  const region = source.readSync ? wholeRegion(source) : await scanModel(source);
  const result = model.read(new Input(region, external));
  validateModel(result);
  return result;
}

/** Reads one serialized TensorProto (the `.pb` files of ONNX test data). */
export function readTensor(bytes: Uint8Array): Tensor {
  return tensor.read(new Input(wholeRegion(bytesSource(bytes))));
}

function wholeRegion(source: ByteSource): Region {
  const bytes = source.readSync?.(0, source.byteLength) ?? new Uint8Array();
  return new Region(source, [{ start: 0, bytes }]);
}

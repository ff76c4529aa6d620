import { model } from './proto/model.ts';
import { tensor } from './proto/tensor.ts';
import { bytesSource } from './source.ts';
import type { ByteSource, Model, Tensor } from './types.ts';
import { type ExternalResolver, Input } from './wire/input.ts';
import { Region } from './wire/region.ts';
import { scanModel } from './wire/scan.ts';

export interface ReadOptions {
  /** Opens external data by its path relative to the model's folder; undefined when there is none. */
  readonly external?: ExternalResolver;
}

/**
 * Reads an ONNX model. From memory nothing is copied: tensors are views. From any other source the
 * payloads of large tensors are skipped and read only when asked for.
 * Throws a LatheError with one sentence for everything that is not a well-formed model.
 */
export async function readModel(source: ByteSource, options: ReadOptions = {}): Promise<Model> {
  const region = source.readSync ? wholeRegion(source) : await scanModel(source);
  return model.read(new Input(region, options.external));
}

/** Reads one serialized TensorProto (the `.pb` files of ONNX test data). */
export function readTensor(bytes: Uint8Array): Tensor {
  return tensor.read(new Input(wholeRegion(bytesSource(bytes))));
}

function wholeRegion(source: ByteSource): Region {
  const bytes = source.readSync?.(0, source.byteLength) ?? new Uint8Array();
  return new Region(source, [{ start: 0, bytes }]);
}

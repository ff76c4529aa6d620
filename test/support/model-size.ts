import { packageModel } from '../../src/core/onnx/package.ts';
import type { Model } from '../../src/core/onnx/types.ts';

/** Bytes of the model as one file. */
export function sizeOfModel(model: Model): number {
  return packageModel(model).byteLength;
}

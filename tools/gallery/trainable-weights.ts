import type { Model } from '../../src/core/onnx/types.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';

/** Tables that follow from a formula, and constants of the arithmetic, are no weights. */
const FIXED = /rotary_emb|^constant_/;

/** The names of all floating-point weights of a graph that the project's builders made. */
export function trainableWeights(model: Model): string[] {
  return model.graph.initializers
    .filter(({ name, dataType }) => dataType === DataType.float32 && !FIXED.test(name))
    .map(({ name }) => name);
}

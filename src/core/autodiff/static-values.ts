import { inferShapes } from '../onnx/shape/infer.ts';
import type { Model } from '../onnx/types.ts';
import type { StaticType, StaticValues } from './static-types.ts';

/** Types and small constants of a model whose sizes are all bound (see `foldConstants`). */
export function staticValues(model: Model): StaticValues {
  const shapes = inferShapes(model);
  return {
    type: (value) => {
      const found = shapes.typeOf(value);
      return found?.dims.every((dim) => typeof dim === 'number')
        ? (found as StaticType)
        : undefined;
    },
    constant: (value) => shapes.constant(value),
  };
}

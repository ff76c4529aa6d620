import { LatheError } from '../../core/errors/lathe-error.ts';
import { definedValues } from '../../core/onnx/graph/values.ts';
import type { Model } from '../../core/onnx/types.ts';
import { needsFloatPath, valuesOf, type SingleLook } from '../../core/statistics/look.ts';

/** Throws `look-value` when a look names a value that the model does not have. */
export function assertValues({ graph }: Model, looks: readonly SingleLook[]): void {
  const defined = definedValues(graph);
  for (const value of looks.flatMap(valuesOf)) {
    if (defined.has(value)) continue;
    throw new LatheError(
      'look-value',
      `The model has no value "${value}" to look at; name an input of the model or an output of one of its nodes.`,
      { value },
    );
  }
}

/** Throws `look-float-path` when a look compares with a path that does not run here. */
export function assertOnePath(looks: readonly SingleLook[]): void {
  const look = looks.find(({ take }) => needsFloatPath(take));
  if (look === undefined) return;
  throw new LatheError(
    'look-float-path',
    `At "${look.view.value}" the compressed path was to be compared with the float path, but nothing is compressed while the whole model runs at once; compress layers in order.`,
    { value: look.view.value },
  );
}

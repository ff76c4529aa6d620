import type { Dim } from './dimension.ts';
import { sameDim } from './dimension.ts';

/** Shape of a multidirectional broadcast (ONNX Broadcasting.md); undefined when a rank is unknown. */
export function broadcastDims(
  ...shapes: readonly (readonly Dim[] | undefined)[]
): readonly Dim[] | undefined {
  const known: (readonly Dim[])[] = [];
  for (const shape of shapes) {
    if (!shape) return undefined;
    known.push(shape);
  }
  const rank = Math.max(0, ...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    known
      .map((shape) => {
        const at = axis - rank + shape.length;
        return at < 0 ? 1 : shape[at];
      })
      .reduce(broadcastDim, 1),
  );
}

/** One axis: 1 gives way; a size above 1 wins over an unknown one; two different symbols stay open. */
export function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return sameDim(a, b) === true ? a : undefined;
}

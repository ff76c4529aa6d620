import type { GraphEditor } from '../onnx/graph/edit.ts';
import { hole } from './holes.ts';
import type { Stream } from './follow.ts';
import type { Turner } from './tied.ts';

/** Constants behind norms whose readers get the columns as they were: y = z·Pᵀ·diag(γ) + β. */
export function backTurners(
  edit: GraphEditor,
  { norms, back }: Stream,
  { from, to, dataType }: Readonly<Record<'from' | 'to' | 'dataType', number>>,
): readonly Turner[] {
  return [...back.keys()].flatMap((norm) => {
    const made = (kind: Turner['kind'], dims: readonly number[]): Turner => {
      const name = edit.freshName(`${norms[norm].output}_${kind}`);
      edit.addInitializer(hole(name, dataType, dims));
      return { name, kind, norm, dataType };
    };
    const matrix = made('back', [to, from]);
    return norms[norm].shift === undefined ? [matrix] : [matrix, made('offset', [from])];
  });
}

import { gradientRule } from '../../autodiff/rules/index.ts';
import {
  decodeStored,
  openStored,
  storedWeights,
  type StoredWeight,
} from '../../encodings/index.ts';
import type { Model } from '../../onnx/types.ts';

/**
 * The model as gradients pass it: layers that compute with codes by a kernel without a gradient (integers, 4-bit
 * floats) compute with the numbers that the codes stand for. Only the student of a training is; the file keeps its
 * codes. While planning the numbers are left open.
 */
export async function differentiable(model: Model, planning: boolean): Promise<Model> {
  const layers = [...storedWeights(model).values()].filter((stored) => isClosed(model, stored));
  return planning ? openStored(model, layers) : decodeStored(model, layers);
}

/** True where no gradient comes back through one of the layer's operators. Look-ups need none. */
export function isClosed({ graph }: Model, { op, node, inside }: StoredWeight): boolean {
  if (op === 'Gather') return false;
  const parts = graph.nodes.filter(({ outputs }) => inside.includes(outputs[0]));
  return [node, ...parts].some((part) => gradientRule(part) === undefined);
}

import type { Emitter } from './emitter.ts';
import type { Place } from './place.ts';
import { castTo } from './read-rows.ts';
import type { StoredValue } from './stored.ts';

/**
 * Emits the layer's node reading `stored` where it read its weight, transposed, reshaped and cast as
 * the node needs.
 */
export function useValue(emit: Emitter, place: Place, stored: StoredValue): void {
  const { node, slot, layer, weight } = place;
  let value = castTo(emit, stored.value, stored.elementType, place.elementType);
  if (stored.layout !== place.wanted) value = emit.op('Transpose', [value], { perm: [1, 0] });
  if (stored.unfolded && layer.op === 'Conv') {
    value = emit.op('Reshape', [value, emit.integers(weight.dims)]);
  }
  const inputs = node.inputs.map((input, i) => (i === slot ? value : input));
  emit.nodes.push({ ...node, inputs });
}

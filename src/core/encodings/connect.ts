import { DataType } from '../tensor/data-type.ts';
import { castTo } from './coded/unpack.ts';
import type { Emitter } from './emitter.ts';
import type { Connection, StoredValue } from './form.ts';
import { isPlainProduct, type Place } from './place.ts';

/** Emits the nodes that stand in the place of one layer's node and read the stored weight. */
export function connectPlace(emit: Emitter, place: Place, connection: Connection): void {
  const { layer, node, elementType } = place;
  const { lookUp, rows } = connection;
  if (layer.op === 'Gather') {
    if (lookUp) lookUp(node.inputs[1], { elementType, output: layer.output });
    else if (rows) lookUpRows(emit, place, rows);
    else useValue(emit, place, connection.value());
  } else if (connection.multiply && layer.op !== 'Conv' && isPlainProduct(node)) {
    multiplyIn(emit, place, connection.multiply);
  } else useValue(emit, place, connection.value());
}

/** A Gemm's C becomes an Add: kernels have no bias input that all runtimes know. */
function multiplyIn(
  emit: Emitter,
  { node, layer, elementType }: Place,
  multiply: NonNullable<Connection['multiply']>,
): void {
  const { output } = layer;
  const bias = node.opType === 'Gemm' ? node.inputs[2] : undefined;
  const product = multiply(node.inputs[0], { elementType, ...(bias ? {} : { output }) });
  if (bias) emit.op('Add', [product, bias], {}, { output });
}

/**
 * Emits the layer's node reading `stored` where it read its weight, transposed, reshaped and cast as
 * the node needs.
 */
function useValue(emit: Emitter, place: Place, stored: StoredValue): void {
  const { node, slot, layer, weight } = place;
  let value = castTo(emit, stored.value, stored.elementType, place.elementType);
  if (stored.layout !== place.wanted) value = emit.op('Transpose', [value], { perm: [1, 0] });
  if (stored.unfolded && layer.op === 'Conv') {
    value = emit.op('Reshape', [value, emit.integers(weight.dims)]);
  }
  const inputs = node.inputs.map((input, i) => (i === slot ? value : input));
  emit.nodes.push({ ...node, inputs });
}

/**
 * An embedding look-up that unpacks only the rows it is asked for: the indices are flattened, the rows
 * read, and the result gets the shape indices.shape + [width].
 */
function lookUpRows(emit: Emitter, place: Place, rows: NonNullable<Connection['rows']>): void {
  const { layer, node, elementType } = place;
  const [, indices] = node.inputs;
  const flat = emit.op('Reshape', [indices, emit.integers([-1])]);
  const typed = castTo(emit, rows(flat), DataType.float32, elementType);
  const leading = emit.op('Shape', [indices]);
  const shape = emit.op('Concat', [leading, emit.integers([layer.inFeatures])], { axis: 0 });
  emit.op('Reshape', [typed, shape], {}, { output: layer.output });
}

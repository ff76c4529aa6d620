import { DataType } from '../../tensor/data-type.ts';
import type { UniformFormat, UniformWeight } from '../encoding.ts';
import type { Emitter } from './emitter.ts';
import { storeLookup, useLookup } from './gather-block-quantized.ts';
import { useMatMulNBits } from './matmul-nbits.ts';
import type { Place } from './place.ts';
import { storeQdq } from './qdq.ts';
import { castTo, readRows } from './read-rows.ts';
import type { StoredRows } from './stored.ts';
import { storeBlocks, storePacked, type Matrix } from './uniform-store.ts';
import type { Unit } from './units.ts';
import { useValue } from './use-value.ts';

/** Connects one place to what was stored; emits the nodes that stand in the place of its node. */
export type Connect = (place: Place) => void;

/**
 * Stores a uniform weight once and says how each layer of the unit reads it. Products decide the
 * format; look-ups tied to them take the rows they need from the products' storage with plain operators.
 */
export function storeUniform(emit: Emitter, encoded: UniformWeight, unit: Unit): Connect {
  const { layer, weight, elementType } = unit.places[0];
  const shape = { rows: layer.outFeatures, columns: layer.inFeatures };
  const base = weight.name;
  switch (unitFormat(encoded, unit)) {
    case 'matmul-nbits': {
      const stored = storeBlocks(emit, base, encoded, shape, elementType);
      return (place) => {
        if (place.layer.op === 'Gather') lookUpRows(emit, place, stored);
        else useMatMulNBits(emit, place, stored, encoded);
      };
    }
    case 'gather-block-quantized': {
      const stored = storeLookup(emit, base, encoded, shape, elementType);
      return (place) => useLookup(emit, place, stored);
    }
    case 'qdq':
      return connectQdq(emit, encoded, unit, shape);
    case 'packed':
      return connectPacked(emit, base, encoded, shape);
  }
}

/** One format for all layers of the unit: the products' where they agree and a tied look-up can read it. */
function unitFormat(encoded: UniformWeight, unit: Unit): UniformFormat {
  const isProduct = unit.places.map(({ layer }) => layer.op !== 'Gather');
  const formats = new Set(unit.formats.filter((_, i) => isProduct[i]));
  if (formats.size === 0) return encoded.format;
  const [format = 'packed'] = formats;
  const tied = isProduct.includes(false);
  const readable = !tied || format !== 'qdq' || encoded.bits === 8;
  return formats.size === 1 && readable ? format : 'packed';
}

function connectQdq(emit: Emitter, encoded: UniformWeight, unit: Unit, shape: Matrix): Connect {
  const { layer, weight } = unit.places[0];
  const layouts = new Set(unit.places.map(({ wanted }) => wanted));
  const layout = layouts.size === 1 ? unit.places[0].wanted : 'out-in';
  const { rows, columns } = shape;
  const matrix = layout === 'out-in' ? [rows, columns] : [columns, rows];
  const dims = layer.op === 'Conv' ? weight.dims : matrix;
  const stored = storeQdq(emit, weight.name, encoded, { rows, columns, layout, dims });
  return (place) => {
    if (place.layer.op === 'Gather' && stored.rows) lookUpRows(emit, place, stored.rows);
    else useValue(emit, place, stored.value);
  };
}

function connectPacked(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  shape: Matrix,
): Connect {
  const stored = storePacked(emit, base, encoded, shape);
  let value: string | undefined;
  return (place) => {
    if (place.layer.op === 'Gather') return lookUpRows(emit, place, stored);
    value ??= readRows(emit, stored);
    const elementType = DataType.float32;
    useValue(emit, place, { kind: 'value', value, layout: 'out-in', elementType, unfolded: true });
  };
}

/**
 * An embedding look-up that unpacks only the rows it is asked for: the indices are flattened, the rows
 * read, and the result gets the shape indices.shape + [width].
 */
function lookUpRows(emit: Emitter, place: Place, stored: StoredRows): void {
  const { layer, node, elementType } = place;
  const [, indices] = node.inputs;
  const flat = emit.op('Reshape', [indices, emit.integers([-1])]);
  const rows = readRows(emit, stored, flat);
  const typed = castTo(emit, rows, DataType.float32, elementType);
  const leading = emit.op('Shape', [indices]);
  const shape = emit.op('Concat', [leading, emit.integers([layer.inFeatures])], { axis: 0 });
  emit.op('Reshape', [typed, shape], {}, { output: layer.output });
}

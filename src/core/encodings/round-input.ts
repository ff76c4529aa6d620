import { DataType } from '../tensor/data-type.ts';
import { castTo } from './coded/unpack.ts';
import type { Emitter } from './emitter.ts';
import type { Place } from './place.ts';
import type { InputCode, InputGrid } from './types.ts';

/** Names of the two tensors that hold the grid of a value. */
export interface GridNames {
  readonly scale: string;
  readonly zero: string;
}

/** Grids of values that several layers read: each is stored once, by the first that asks. */
export type KnownGrids = Map<string, GridNames>;

export interface RoundedPlace {
  readonly place: Place;
  /** Tensors that this layer has to fill; none where the range comes with the input, or another layer fills them. */
  readonly names: readonly string[];
}

/** The place with its input rounded to 8 bits and back, where no kernel takes the integers themselves. */
export function roundInput(
  emit: Emitter,
  place: Place,
  input: InputCode,
  known: KnownGrids,
): RoundedPlace {
  const { layer, node, elementType } = place;
  if (layer.op === 'Gather') return { place, names: [] };
  const [x, ...others] = node.inputs;
  const own = input.kind === 'static' && !known.has(x);
  const grid = input.kind === 'static' ? gridOf(emit, x, known, input.grid) : undefined;
  const float = castTo(emit, x, elementType, DataType.float32);
  const rounded = emit.op('DequantizeLinear', coded(emit, float, grid));
  const inputs = [castTo(emit, rounded, DataType.float32, elementType), ...others];
  return {
    place: { ...place, node: { ...node, inputs } },
    names: own && grid !== undefined ? [grid.scale, grid.zero] : [],
  };
}

/** Codes, scale and zero as DequantizeLinear takes them. */
function coded(emit: Emitter, x: string, grid: GridNames | undefined): readonly string[] {
  if (grid === undefined) return emit.ops('DynamicQuantizeLinear', [x], 3);
  return [emit.op('QuantizeLinear', [x, grid.scale, grid.zero]), grid.scale, grid.zero];
}

function gridOf(emit: Emitter, x: string, known: KnownGrids, grid?: InputGrid): GridNames {
  const before = known.get(x);
  if (before !== undefined) return before;
  const [scale, zero] = grid === undefined ? [] : gridBytes(grid);
  const made = {
    scale: emit.tensor(`${x}_scale`, [], DataType.float32, scale),
    zero: emit.tensor(`${x}_zero_point`, [], DataType.uint8, zero),
  };
  known.set(x, made);
  return made;
}

/** The bytes of a grid's scale (float32) and zero (uint8). */
export function gridBytes({ scale, zero }: InputGrid): readonly [Uint8Array, Uint8Array] {
  return [new Uint8Array(Float32Array.of(scale).buffer), Uint8Array.of(zero)];
}

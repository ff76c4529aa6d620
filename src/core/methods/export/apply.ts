import { editGraph, type GraphEditor } from '../../onnx/graph/edit.ts';
import { indexGraph } from '../../onnx/graph/index-graph.ts';
import type { Model, Node } from '../../onnx/types.ts';
import type { Fillings } from '../../onnx/fill.ts';
import type { DenseWeight, EncodedLayer, EncodedWeight } from '../encoding.ts';
import { denseTensor, ownsWeight, storeDense } from './dense.ts';
import { Emitter, FillingEmitter } from './emitter.ts';
import { storeFloat16 } from './float16.ts';
import type { Place } from './place.ts';
import { storeUniform, type Connect } from './uniform.ts';
import { storageUnits, type Unit } from './units.ts';
import { useValue } from './use-value.ts';

/** Which bytes the holes of a layer get, by tensor name, once its encoded values are known. */
export type Slot = (encoded: EncodedWeight) => Fillings;

/** A model with its weights replaced, and what each layer's weight takes in it. */
export interface Exported {
  readonly model: Model;
  /** Bytes stored per layer (by `layer.output`); a weight that several layers share counts for the first. */
  readonly bytes: ReadonlyMap<string, number>;
  /** How each layer's holes get filled (by `layer.output`); a shared weight is filled by the first. */
  readonly slots: ReadonlyMap<string, Slot>;
}

/** int4 and uint4 initializers exist since IR version 10. */
const INT4_IR_VERSION = 10;

/**
 * Writes encoded weights into the graph: each layer's node is rewired to, or replaced by, what reads
 * the encoded form; weights nobody reads any more are dropped. Encodings without values leave holes:
 * the model then has the size of the real one. Nodes that share a weight but are not in `layers` keep
 * the original. Throws `layer-not-found`.
 */
export function applyEncoded(model: Model, layers: readonly EncodedLayer[]): Model {
  return exportLayers(model, layers).model;
}

/** As {@link applyEncoded}, with the bytes each layer's weight takes and how its holes get filled. */
export function exportLayers(model: Model, layers: readonly EncodedLayer[]): Exported {
  const index = indexGraph(model.graph);
  const editor = editGraph(model.graph);
  const emit = new Emitter((base) => editor.freshName(base), index);
  const connected = new Set<Node>();
  const bytes = new Map<string, number>();
  const slots = new Map<string, Slot>();
  for (const unit of storageUnits(index, layers)) {
    for (const { node } of unit.places) connected.add(node);
    const owner = ownsWeight(index, unit.places[0].weight.name, connected);
    const stored = exportUnit(emit, editor, unit, owner);
    unit.places.forEach(({ layer }, i) => {
      bytes.set(layer.output, i === 0 ? stored.bytes : 0);
      slots.set(layer.output, i === 0 ? stored.slot : () => new Map());
    });
  }
  for (const tensor of emit.initializers) editor.addInitializer(tensor);
  editor.removeUnused();
  return { model: withRequirements({ ...model, graph: editor.finish() }, emit), bytes, slots };
}

interface StoredUnit {
  readonly bytes: number;
  readonly slot: Slot;
}

function exportUnit(emit: Emitter, editor: GraphEditor, unit: Unit, owner: boolean): StoredUnit {
  const { encoded, places } = unit;
  if (encoded.kind === 'dense' && owner) return replaceWeight(editor, places[0], encoded);
  const [before, first] = [emit.storedBytes, emit.weights.length];
  const connect = storeUnit(emit, unit);
  for (const place of places) {
    connect(place);
    editor.replaceNode(place.node, ...emit.takeNodes());
  }
  const names = emit.weights.slice(first);
  return { bytes: emit.storedBytes - before, slot: (values) => replay(unit, values, names) };
}

/** A weight nobody else reads keeps its name and place. */
function replaceWeight(editor: GraphEditor, place: Place, encoded: DenseWeight): StoredUnit {
  const tensor = denseTensor(place, encoded);
  editor.replaceInitializer(tensor.name, tensor);
  return {
    bytes: tensor.data.byteLength,
    slot: (values) => {
      const found =
        values.kind === 'dense' ? denseTensor(place, values).data.readSync?.() : undefined;
      return found === undefined ? new Map() : new Map([[tensor.name, found]]);
    },
  };
}

/** Stores the unit once more, for its bytes alone: the same tensors in the same order. */
function replay(unit: Unit, encoded: EncodedWeight, names: readonly string[]): Fillings {
  const emit = new FillingEmitter(names);
  storeUnit(emit, { ...unit, encoded });
  return emit.fillings;
}

function storeUnit(emit: Emitter, unit: Unit): Connect {
  const { encoded, places } = unit;
  if (encoded.kind === 'uniform') return storeUniform(emit, encoded, unit);
  const stored =
    encoded.kind === 'dense'
      ? storeDense(emit, places[0], encoded)
      : storeFloat16(emit, places[0], encoded);
  return (place) => useValue(emit, place, stored);
}

function withRequirements(model: Model, emit: Emitter): Model {
  const known = model.opsets.some(({ domain }) => domain === 'com.microsoft');
  const microsoft = emit.usesMicrosoft && !known ? [{ domain: 'com.microsoft', version: 1 }] : [];
  return {
    ...model,
    irVersion: emit.usesInt4 ? Math.max(model.irVersion, INT4_IR_VERSION) : model.irVersion,
    opsets: microsoft.length > 0 ? [...model.opsets, ...microsoft] : model.opsets,
  };
}

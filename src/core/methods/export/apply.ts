import { editGraph, type GraphEditor } from '../../onnx/graph/edit.ts';
import { indexGraph } from '../../onnx/graph/index-graph.ts';
import type { Model, Node } from '../../onnx/types.ts';
import type { EncodedLayer } from '../encoding.ts';
import { denseTensor, ownsWeight, storeDense } from './dense.ts';
import { Emitter } from './emitter.ts';
import { storeFloat16 } from './float16.ts';
import { storeUniform, type Connect } from './uniform.ts';
import { storageUnits, type Unit } from './units.ts';
import { useValue } from './use-value.ts';

/** A model with its weights replaced, and what each layer's weight takes in it. */
export interface Exported {
  readonly model: Model;
  /** Bytes stored per layer (by `layer.output`); a weight that several layers share counts for the first. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** int4 and uint4 initializers exist since IR version 10. */
const INT4_IR_VERSION = 10;

/**
 * Writes encoded weights into the graph: each layer's node is rewired to, or replaced by, what reads
 * the encoded form; weights nobody reads any more are dropped. Encodings without values are planned:
 * the model then has the size of the real one. Nodes that share a weight but are not in `layers` keep
 * the original. Throws `layer-not-found`.
 */
export function applyEncoded(model: Model, layers: readonly EncodedLayer[]): Model {
  return exportLayers(model, layers).model;
}

/** As {@link applyEncoded}, with the bytes each layer's weight takes. */
export function exportLayers(model: Model, layers: readonly EncodedLayer[]): Exported {
  const index = indexGraph(model.graph);
  const editor = editGraph(model.graph);
  const emit = new Emitter((base) => editor.freshName(base), index);
  const connected = new Set<Node>();
  const bytes = new Map<string, number>();
  for (const unit of storageUnits(index, layers)) {
    for (const { node } of unit.places) connected.add(node);
    const stored = exportUnit(
      emit,
      editor,
      unit,
      ownsWeight(index, unit.places[0].weight.name, connected),
    );
    unit.places.forEach(({ layer }, i) => bytes.set(layer.output, i === 0 ? stored : 0));
  }
  for (const tensor of emit.initializers) editor.addInitializer(tensor);
  editor.removeUnused();
  return { model: withRequirements({ ...model, graph: editor.finish() }, emit), bytes };
}

/** Returns the bytes the unit's weight is stored in. */
function exportUnit(emit: Emitter, editor: GraphEditor, unit: Unit, owner: boolean): number {
  const { encoded, places } = unit;
  if (encoded.kind === 'dense' && owner) {
    const tensor = denseTensor(places[0], encoded);
    editor.replaceInitializer(tensor.name, tensor);
    return tensor.data.byteLength;
  }
  const before = emit.storedBytes;
  const connect = storeUnit(emit, unit);
  for (const place of places) {
    connect(place);
    editor.replaceNode(place.node, ...emit.takeNodes());
  }
  return emit.storedBytes - before;
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

import { editGraph, type GraphEditor } from '../onnx/graph/edit.ts';
import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import type { Fillings } from '../onnx/fill.ts';
import { memoryData, plannedData } from '../onnx/tensor-data.ts';
import type { Model, Node } from '../onnx/types.ts';
import { byteLengthOf } from '../tensor/data-type.ts';
import { connectPlace } from './connect.ts';
import { Emitter } from './emitter.ts';
import type { Form, Site } from './form.ts';
import { storedNames } from './stored-names.ts';
import { nest } from './nest.ts';
import { isPassing, standardOpset } from './place.ts';
import { planned } from './problems.ts';
import { withRequirements } from './requirements.ts';
import { gridBytes, roundInput, type KnownGrids } from './round-input.ts';
import { openStored } from './stored/open.ts';
import type { Encoded, EncodedLayer, InputCode } from './types.ts';
import { siteOf, storageUnits, type Unit } from './units.ts';

/** Where the bytes of one layer's weight go: what {@link fillingsOf} needs beside the values. */
export interface Slot {
  /** How it is stored: the kind, or the native kernel. Absent where another layer's weight serves. */
  readonly form?: Form;
  /** The tensors of the model, in the form's order. */
  readonly names: readonly string[];
  /** Tensors of the input's grid, scale before zero, for each place that has its own. */
  readonly inputNames?: readonly string[];
}

/** A model with its weights replaced. */
export interface Written {
  readonly model: Model;
  /** Bytes stored per layer (by `layer.output`); a weight that several layers share counts for the first. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly slots: ReadonlyMap<string, Slot>;
}

/**
 * Writes encoded weights into the graph: each layer's node is rewired to, or replaced by, what reads
 * the encoded form; weights nobody reads any more are dropped. Expressions without values become holes,
 * named, typed and sized, so that the model has the size of the filled one. Nodes that share a weight
 * but are not in `layers` keep the original. Layers stored as codes are written as if their weight were plain.
 * Throws `layer-not-found`.
 */
export function writeEncodings(given: Model, layers: readonly EncodedLayer[]): Written {
  const model = openStored(
    given,
    layers.flatMap(({ layer }) => [layer, ...(layer.twins ?? [])]),
  );
  const index = indexGraph(model.graph);
  const editor = editGraph(model.graph);
  const emit = new Emitter((base) => editor.freshName(base), index);
  const opset = standardOpset(model);
  const connected = new Set<Node>();
  const bytes = new Map<string, number>();
  const slots = new Map<string, Slot>();
  const known: KnownGrids = new Map();
  for (const unit of storageUnits(index, layers)) {
    for (const { node } of unit.places) connected.add(node);
    const site = siteOf(unit, opset);
    const owner = ownsWeight(index, unit.places[0].weight.name, connected);
    const stored = staysInPlace(unit.encoded, site, owner)
      ? replaceValues(editor, unit, site)
      : storeUnit(emit, editor, unit, site, known);
    unit.places.forEach(({ layer }, i) => {
      // A twin of a layer has no bytes of its own to count or to fill.
      bytes.set(layer.output, i === 0 ? stored.bytes : 0);
      slots.set(layer.output, i === 0 ? stored.slot : { names: [] });
    });
  }
  for (const tensor of emit.initializers) editor.addInitializer(tensor);
  editor.removeUnused();
  return { model: withRequirements({ ...model, graph: editor.finish() }, emit), bytes, slots };
}

/**
 * The bytes of a layer's holes, by tensor name; none where another layer's weight serves. Throws
 * `encoding-planned` when values are missing and `encoding-kind` when another kind was planned.
 */
export function fillingsOf(
  { form, names, inputNames = [] }: Slot,
  encoded: Encoded,
  input?: InputCode,
): Fillings {
  const tensors = form?.tensors(encoded) ?? [];
  const grid = input?.kind === 'static' && input.grid ? gridBytes(input.grid) : undefined;
  return new Map([
    ...names.map((name, i) => [name, tensors[i].bytes ?? planned()] as const),
    ...inputNames.map((name, i) => [name, grid?.[i % 2] ?? planned()] as const),
  ]);
}

interface StoredUnit {
  readonly bytes: number;
  readonly slot: Slot;
}

/** Values of the weight's own type keep its name, layout and place, where nobody else reads it. */
function staysInPlace(encoded: Encoded, { dataType }: Site, owner: boolean): boolean {
  return encoded.kind === 'plain' && encoded.dataType === dataType && owner;
}

function replaceValues(editor: GraphEditor, { encoded, places }: Unit, site: Site): StoredUnit {
  const { name } = places[0].weight;
  const form = nest.form(encoded, site);
  const [{ dims, dataType, bytes }] = form.tensors(encoded);
  const byteLength = byteLengthOf(dataType, dims);
  const data = bytes ? memoryData(bytes) : plannedData(byteLength);
  editor.replaceInitializer(name, { name, dataType, dims, data });
  return { bytes: byteLength, slot: { form, names: [name] } };
}

function storeUnit(
  emit: Emitter,
  editor: GraphEditor,
  { encoded, places, inputs }: Unit,
  site: Site,
  known: KnownGrids,
): StoredUnit {
  const before = emit.storedBytes;
  const [{ layer, weight }] = places;
  const form = nest.form(encoded, site);
  const names = storedNames(emit, form, encoded, {
    layer: layer.name,
    weight: weight.name,
  });
  const connection = form.connect(emit, names);
  const inputNames: string[] = [];
  places.forEach((place, i) => {
    const input = form.roundsInput === true ? undefined : inputs[i];
    const rounded = input && roundInput(emit, place, input, known);
    inputNames.push(...(rounded?.names ?? []));
    connectPlace(emit, rounded?.place ?? place, connection);
    editor.replaceNode(place.node, ...emit.takeNodes());
  });
  const slot = { form, names, ...(inputNames.length > 0 && { inputNames }) };
  return { bytes: emit.storedBytes - before, slot };
}

/**
 * True when every use of the initializer, seen through Identity, Cast and Transpose, is one of `nodes`
 * (nodes that have been connected to another weight already count as such).
 */
function ownsWeight(index: GraphIndex, weight: string, nodes: ReadonlySet<Node>): boolean {
  const open = [weight];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (index.isGraphOutput(value)) return false;
    for (const node of index.consumers(value)) {
      if (nodes.has(node)) continue;
      if (!isPassing(node)) return false;
      open.push(node.outputs[0]);
    }
  }
  return true;
}

import type { Layer } from '../../../anatomy/types.ts';
import { placeOf } from '../../../encodings/index.ts';
import { editGraph, type GraphEditor } from '../../../onnx/graph/edit.ts';
import { indexGraph, type GraphIndex } from '../../../onnx/graph/index-graph.ts';
import { makeNode } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model, Node, Tensor } from '../../../onnx/types.ts';
import { fromFloat32 } from '../../../tensor/convert.ts';
import { byteLengthOf } from '../../../tensor/data-type.ts';
import { floatsOfTensor } from './tensors.ts';

/** A hole that takes what is added to a layer's result. */
export interface ShiftHole {
  readonly name: string;
  readonly dataType: number;
  /** It replaces a bias of this name in the model before; absent: it is new. */
  readonly replaces?: string;
}

/** A layer and the other ones that multiply with its weight. */
export type Sharing = readonly Layer[];

/**
 * The model with a hole in the place of each layer's bias, or of a new one where there is none, or where others read
 * it, too: the C of a Gemm, the B of a Conv, an Add behind a MatMul. Layers of one list that have no bias of their own
 * share a hole. One list of holes for each list of layers.
 */
export function withShifts(
  model: Model,
  layers: readonly Sharing[],
): { readonly model: Model; readonly holes: readonly (readonly ShiftHole[])[] } {
  const edit = editGraph(model.graph);
  const site = { model, edit, index: indexGraph(model.graph) };
  const holes = layers.map((sharing) => holesOfLayers(site, sharing));
  return { model: { ...model, graph: edit.finish() }, holes };
}

/** The bytes of the holes when `shift` is added: as they are, or to the bias of the model before. */
export async function shiftedBiases(
  before: Model,
  holes: readonly ShiftHole[],
  shift: Float32Array,
): Promise<Fillings> {
  const filled = new Map<string, Uint8Array>();
  for (const { name, dataType, replaces } of holes) {
    const bias = replaces === undefined ? undefined : await floatsOfTensor(before, replaces);
    const sum = bias ? bias.map((value, r) => value + shift[r]) : shift;
    filled.set(name, fromFloat32(dataType, sum));
  }
  return filled;
}

interface GraphSite {
  readonly model: Model;
  readonly edit: GraphEditor;
  readonly index: GraphIndex;
}

function holesOfLayers(site: GraphSite, sharing: Sharing): ShiftHole[] {
  const nodes = sharing.flatMap((layer) => nodesOf(site, layer));
  const holes = new Map<string, ShiftHole>();
  let fresh: ShiftHole | undefined;
  for (const layer of sharing) {
    const { bias } = layer;
    const own = bias === undefined ? undefined : ownBias(site, bias, nodes);
    if (own !== undefined) {
      if (!holes.has(own.name)) holes.set(own.name, emptied(site, own));
      continue;
    }
    fresh ??= newHole(site, layer);
    holes.set(fresh.name, fresh);
    for (const node of productsOf(site, layer)) addTo(site, node, fresh.name);
  }
  return [...holes.values()];
}

/** The nodes that multiply with the layer's weight. */
function productsOf({ index }: GraphSite, layer: Layer): Node[] {
  const outputs = [layer.output, ...(layer.twins ?? []).map(({ output }) => output)];
  return outputs.flatMap((output) => index.producer(output)?.node ?? []);
}

/** They and what reads them: the nodes that may read the layer's bias. */
function nodesOf(site: GraphSite, layer: Layer): Node[] {
  return productsOf(site, layer).flatMap((node) => [
    node,
    ...site.index.consumers(node.outputs[0]),
  ]);
}

/** The bias, unless something else reads it, too. */
function ownBias({ index }: GraphSite, name: string, nodes: readonly Node[]): Tensor | undefined {
  const elsewhere = index.consumers(name).some((node) => !nodes.includes(node));
  const open = index.isGraphInput(name) || index.isGraphOutput(name);
  return elsewhere || open ? undefined : index.initializer(name);
}

function emptied({ edit }: GraphSite, { name, dims, dataType }: Tensor): ShiftHole {
  const data = plannedData(byteLengthOf(dataType, dims));
  edit.replaceInitializer(name, { name, dims, dataType, data });
  return { name, dataType, replaces: name };
}

function newHole({ model, edit }: GraphSite, layer: Layer): ShiftHole {
  const dataType = placeOf(model, layer)?.elementType ?? 1;
  const dims = [layer.outFeatures];
  const name = edit.freshName(`${layer.weight}_bias`);
  edit.addInitializer({ name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) });
  return { name, dataType };
}

function addTo({ edit }: GraphSite, node: Node, bias: string): void {
  const takes = (node.opType === 'Gemm' || node.opType === 'Conv') && !node.inputs[2];
  if (takes) return edit.replaceNode(node, { ...node, inputs: [...node.inputs.slice(0, 2), bias] });
  const [output] = node.outputs;
  const sum = edit.freshName(`${output}_shifted`);
  edit.replaceUses(output, sum);
  edit.addNodes(makeNode('Add', [output, bias], [sum], {}, '', sum));
}

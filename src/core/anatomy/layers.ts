import { takeBranch } from '../onnx/branches/take-branch.ts';
import type { Model } from '../onnx/types.ts';
import { describeStored, storedWeights, type StoredWeight } from '../encodings/index.ts';
import type { DimsOf, Linear, StoredWeights } from './linear.ts';
import { findLinears } from './linear.ts';
import { overCodes } from './over-codes.ts';
import { modelDims } from './shapes.ts';
import { findTables } from './tables.ts';
import type { Table } from './tables.ts';
import type { Layer } from './types.ts';
import { viewGraph } from './view.ts';
import type { GraphView } from './view.ts';

/** The layers of a graph and the linear maps and tables they were made from. */
export interface FoundLayers {
  readonly layers: readonly Layer[];
  readonly linears: readonly Linear[];
  readonly tables: readonly Table[];
  /** The layer of a linear map's or table's node, if it became one. */
  readonly byNode: ReadonlyMap<number, Layer>;
}

/**
 * All linear maps and embedding look-ups of a model whose weight is one initializer (perhaps behind
 * Transpose, Identity or Cast): MatMul, Gemm, FusedMatMul, Conv, Gather. Every layer's role is still
 * 'other'; `recognise` fills it in. Of a merged decoder: those of the branch without a cache. Never throws on a valid model.
 */
export function findLayers(model: Model): Layer[] {
  const branch = takeBranch(model);
  const codes = storedWeights(branch);
  const view = viewGraph(overCodes(branch.graph, codes));
  return [...collectLayers(view, modelDims(branch), codes).layers];
}

/** As {@link findLayers}, on an indexed graph, together with what was found on the way. */
export function collectLayers(view: GraphView, dimsOf: DimsOf, codes: StoredWeights): FoundLayers {
  const linears = findLinears(view, dimsOf, codes);
  const tables = findTables(view, codes);
  const byNode = new Map<number, Layer>();
  const names = uniqueNames();
  const inGraphOrder = [...linears, ...tables].sort((a, b) => a.node - b.node);
  for (const found of inGraphOrder) {
    const layer = 'indices' in found ? tableLayer(found, names) : linearLayer(found, names);
    if (layer) byNode.set(found.node, layer);
  }
  return { layers: [...byNode.values()], linears, tables, byNode };
}

type Name = (weight: string, output: string) => string;

/** The weight's name for its first use; further uses add the value they make. */
function uniqueNames(): Name {
  const taken = new Set<string>();
  return (weight, output) => {
    let name = taken.has(weight) ? `${weight} (${output})` : weight;
    while (taken.has(name)) name += '′';
    taken.add(name);
    return name;
  };
}

function linearLayer(linear: Linear, nameOf: Name): Layer | undefined {
  const { op, layout, outFeatures, inFeatures, bias, input, output, stored } = linear;
  const tensor = linear.weight?.tensor ?? stored?.tensors[0];
  if (linear.obstacle || !op || !tensor || !layout) return undefined;
  if (outFeatures === undefined || inFeatures === undefined) return undefined;
  const name = nameOf(tensor.name, output);
  return {
    name,
    output,
    op,
    weight: tensor.name,
    input,
    outFeatures,
    inFeatures,
    layout,
    ...storedAs(stored),
    ...(bias === undefined ? {} : { bias }),
    role: 'other',
    group: 'other',
  };
}

function tableLayer(table: Table, nameOf: Name): Layer | undefined {
  const { rows, width, indices, output, stored } = table;
  const tensor = table.tensor ?? stored?.tensors[0];
  if (table.obstacle || !tensor || rows === undefined || width === undefined) return undefined;
  return {
    name: nameOf(tensor.name, output),
    output,
    op: 'Gather',
    weight: tensor.name,
    input: indices,
    outFeatures: rows,
    inFeatures: width,
    layout: 'out-in',
    ...storedAs(stored),
    role: 'embedding',
    group: 'embedding',
  };
}

function storedAs(stored: StoredWeight | undefined): Pick<Layer, 'stored'> {
  return stored ? { stored: { bits: stored.bits, text: describeStored(stored) } } : {};
}

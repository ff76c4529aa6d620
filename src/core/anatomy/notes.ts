import { subgraphs } from '../onnx/graph/attributes.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import type { Attention, FoundBranches } from './branches.ts';
import { groupBy } from './group.ts';
import type { FoundLayers } from './layers.ts';
import type { Linear } from './linear.ts';
import { isFused, isOp } from './operators.ts';
import type { Table } from './tables.ts';
import type { Layer } from './types.ts';
import type { GraphView } from './view.ts';
import { walk } from './walk.ts';

const SHOWN = 8;

/** "a, b and c", or the first eight and the number of the rest. */
export function list(names: readonly string[]): string {
  if (names.length === 1) return names[0];
  const shown = names.slice(0, SHOWN);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return `${shown.slice(0, -1).join(', ')} and ${shown[shown.length - 1]}`;
}

/** Why linear maps and tables of the graph are not listed as layers, one sentence per reason. */
export function obstacleNotes(view: GraphView, found: FoundLayers): string[] {
  const blocked = [...found.linears, ...found.tables].filter(({ obstacle }) => obstacle);
  return [...groupBy(blocked, ({ obstacle }) => obstacle)].map(
    ([reason, items]) => `Not a layer, because it ${reason}: ${list(items.map(label))}.`,
  );

  function label(item: Linear | Table): string {
    const tensor = 'indices' in item ? item.tensor : item.weight?.tensor;
    return tensor?.name ?? storedWeight(view, item.node) ?? item.output;
  }
}

/** The largest initializer that a node's constant inputs are computed from. */
function storedWeight(view: GraphView, index: number): string | undefined {
  let found: Tensor | undefined;
  const constant = (values: readonly string[]) => values.filter((value) => view.isConstant(value));
  walk(constant(view.nodes[index].inputs), (value) => {
    const tensor = view.initializer(value);
    if (tensor && tensor.data.byteLength > (found?.data.byteLength ?? 0)) found = tensor;
    return constant(view.maker(value)?.inputs ?? []);
  });
  return found?.name;
}

/** Weights that lie inside operators which are more than one linear map. */
export function insideNotes(view: GraphView, attentions: readonly Attention[]): string[] {
  const notes: string[] = [];
  const inside = attentions.flatMap(({ core }) => core.inside?.weight ?? []);
  if (inside.length > 0) {
    notes.push(
      `Query, key and value weights inside a fused Attention operator are no layers of their own: ${list(inside)}.`,
    );
  }
  for (const node of view.nodes) {
    if (isFused(node, 'EmbedLayerNormalization')) {
      const tables = node.inputs.slice(2, 5).filter((value) => view.initializer(value));
      notes.push(
        `Embedding tables inside EmbedLayerNormalization are no layers of their own: ${list(tables)}.`,
      );
    }
  }
  const holders = view.nodes.filter(
    (node) =>
      (isOp(node, 'LSTM', 'GRU', 'RNN', 'ConvTranspose') || isFused(node, 'MoE', 'QMoE')) &&
      node.inputs.slice(1).some((value) => view.isConstant(value)),
  );
  for (const [type, nodes] of groupBy(holders, ({ opType }) => opType)) {
    notes.push(`Weights inside ${type} (${nodes.length}×) are not listed as layers.`);
  }
  return notes;
}

/** Attention and feed-forward parts that hang on no residual stream, or have no projections. */
export function branchNotes({ attentions, branches }: FoundBranches): string[] {
  const notes: string[] = [];
  const joined = branches.filter(({ kind }) => kind === 'attention').length;
  const loose = attentions.length - joined;
  if (loose > 0) {
    notes.push(`Attention whose result is not added to a residual stream was found ${loose}×.`);
  }
  const bare = attentions.filter(({ core, around }) => !core.inside && around.query.length === 0);
  if (bare.length > 0) {
    notes.push(`Attention with no linear map that makes its queries was found ${bare.length}×.`);
  }
  return notes;
}

/** Parts of the model that were not looked into. */
export function hiddenNotes(model: Model): string[] {
  const notes: string[] = [];
  const nested = model.graph.nodes.flatMap((node) => subgraphs(node).map(() => node.opType));
  if (nested.length > 0) {
    const types = list([...new Set(nested)]);
    notes.push(`What lies in the sub-graphs of ${types} was not looked at.`);
  }
  const local = new Set(model.functions.map(({ domain, name }) => `${domain}:${name}`));
  const calls = model.graph.nodes.filter((n) => local.has(`${n.domain}:${n.opType}`)).length;
  if (calls > 0) {
    notes.push(
      `What lies in the functions kept in the model was not looked at; nodes call them ${calls}×.`,
    );
  }
  return notes;
}

/** Layers of a transformer that belong to none of its known parts. */
export function roleNotes(layers: readonly Layer[]): string[] {
  const unknown = layers.filter(({ role }) => role === 'other').map(({ name }) => name);
  if (unknown.length === 0) return [];
  return [`Layers with no known part in the transformer: ${list(unknown)}.`];
}

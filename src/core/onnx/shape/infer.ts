import type { Value } from '../../tensor/values.ts';
import { topologicalOrder } from '../graph/topology.ts';
import { canonicalDomain, operatorEntry } from '../operators/table.ts';
import type { Graph, Model, Node, TensorType } from '../types.ts';
import { bindDim } from './dimension.ts';
import type { Bindings, Dim } from './dimension.ts';
import { evaluators } from './evaluate/evaluators.ts';
import { knownFromTensor, valueOf } from './known.ts';
import { shapeRules } from './rules/rules.ts';
import { Scope } from './scope.ts';
import type { RuleContext, ValueType } from './types.ts';

/** What {@link inferShapes} found out about the values of a model's graph. */
export interface ShapeInfo {
  /** Element type and dimensions; undefined when the type or the rank is unknown. */
  typeOf(value: string): { readonly dataType: number; readonly dims: readonly Dim[] } | undefined;
  /** Element type alone, when known. */
  dataTypeOf(value: string): number | undefined;
  /** The value itself, when it is a small constant (stored, or computed by shape arithmetic). */
  constant(value: string): Value | undefined;
  /** Elements of a small tensor, row by row, some perhaps only as expressions over sizes or not known. */
  elements(value: string): readonly Dim[] | undefined;
}

/**
 * Types, shapes and small constants of every value of the graph, from the graph's inputs onward.
 * A size is a number, a canonical expression over the model's symbols ("2*sequence"), or unknown;
 * `bindings` give symbols their numbers; a size an
 * input leaves without a name is called "input.axis" ("image.0"). Unknown operators give unknown shapes. What the file itself
 * declares fills in what inference leaves open. Throws `graph-cycle`.
 */
export function inferShapes(model: Model, bindings: Bindings = {}): ShapeInfo {
  const opsets = new Map(model.opsets.map((o) => [canonicalDomain(o.domain), o.version]));
  const scope = new Scope(undefined);
  inferGraph(model.graph, scope, { opsets, bindings }, undefined);
  return {
    typeOf: (value) => {
      const type = scope.type(value);
      return type?.dims && type.dataType !== 0
        ? { dataType: type.dataType, dims: type.dims }
        : undefined;
    },
    dataTypeOf: (value) => scope.type(value)?.dataType || undefined,
    constant: (value) => {
      const known = scope.known(value);
      return known && valueOf(known);
    },
    elements: (value) => scope.known(value)?.elements,
  };
}

interface Setting {
  readonly opsets: ReadonlyMap<string, number>;
  readonly bindings: Bindings;
}

function inferGraph(
  graph: Graph,
  scope: Scope,
  setting: Setting,
  given: readonly (ValueType | undefined)[] | undefined,
): readonly (ValueType | undefined)[] {
  for (const info of [...graph.valueInfo, ...graph.outputs]) {
    if (info.type) scope.declare(info.name, declared(info.type, setting.bindings));
  }
  graph.inputs.forEach((info, index) => {
    // Inside a sub-graph the caller knows more; only the model's own inputs get names for open sizes.
    const open = given ? '' : info.name;
    const type = info.type && declared(info.type, setting.bindings, open);
    scope.setType(info.name, mergeTypes(given?.[index], type));
  });
  for (const tensor of graph.initializers) {
    scope.setType(tensor.name, { dataType: tensor.dataType, dims: tensor.dims });
    scope.setSource(tensor.name, () => knownFromTensor(tensor));
  }
  for (const node of topologicalOrder(graph.nodes)) inferNode(node, scope, setting);
  return graph.outputs.map((info) => scope.type(info.name));
}

function declared(type: TensorType, bindings: Bindings, name = ''): ValueType {
  const dims = type.dims?.map((dim, axis) =>
    bindDim(dim.value ?? (dim.symbol || openSymbol(name, axis)), bindings),
  );
  return { dataType: type.dataType, dims };
}

/** The symbol of an input's size that the file leaves open: "image.0" for the first of `image`. */
export function openSymbol(input: string, axis: number): string {
  return input === '' ? '' : `${input}.${axis}`;
}

function inferNode(node: Node, scope: Scope, setting: Setting): void {
  const entry = operatorEntry(node.opType, node.domain);
  const context = contextOf(node, scope, setting);
  const types = entry ? shapeRules[entry.shape](context) : [];
  const evaluate = canonicalDomain(node.domain) === '' ? evaluators.get(node.opType) : undefined;
  node.outputs.forEach((output, which) => {
    if (output === '') return;
    scope.setType(output, mergeTypes(types[which], scope.declared(output)));
    const type = scope.type(output);
    if (!evaluate || !type) return;
    const known = evaluate(context, type, which);
    if (known) scope.setKnown(output, known);
  });
}

function contextOf(node: Node, scope: Scope, setting: Setting): RuleContext {
  const name = (index: number): string => node.inputs[index] ?? '';
  return {
    node,
    opset: setting.opsets.get(canonicalDomain(node.domain)) ?? 0,
    type: (index) => scope.type(name(index)),
    dims: (index) => scope.type(name(index))?.dims,
    dataType: (index) => scope.type(name(index))?.dataType ?? 0,
    known: (index) => scope.known(name(index)),
    has: (index) => name(index) !== '',
    body: (graph, inputs) => inferGraph(graph, new Scope(scope), setting, inputs),
  };
}

/** What inference found, completed by what is declared where it found nothing. */
function mergeTypes(
  found: ValueType | undefined,
  other: ValueType | undefined,
): ValueType | undefined {
  if (!found || !other) return found ?? other;
  const dataType = found.dataType || other.dataType;
  if (!found.dims) return { dataType, dims: other.dims };
  if (found.dims.length !== other.dims?.length) return { dataType, dims: found.dims };
  const more = other.dims;
  return { dataType, dims: found.dims.map((dim, at) => dim ?? more[at]) };
}

import { LatheError } from '../errors/lathe-error.ts';
import { makeNode, makeTensor, makeValueInfo } from '../onnx/graph/make.ts';
import { opsetOf } from '../onnx/graph/opset.ts';
import type { Graph, Model, Node, Tensor, ValueInfo } from '../onnx/types.ts';

/**
 * The open first size of an adapter's input: as many rows as the matrix has, or none, which takes the
 * matrix that lies in the file.
 */
export const GIVEN = 'lora.given';

/** Ends the names of the matrices in the file. */
const OWN = '.default';

/** Slice takes its bounds as inputs since this version. */
const SLICE_SINCE = 10;

/**
 * The model with the named initializers T [n, …] as inputs that may be left empty: what was T is now the
 * first n rows of (given rows, T), so no rows given leave T and n rows given take its place. ONNX's own
 * way, an initializer that is an input too, would be simpler, but onnxruntime's JavaScript bindings
 * feed no such input (Node ignores it, Web refuses it). A scalar becomes a vector of one.
 * Throws `adapter-inputs-opset`.
 */
export function adapterInputs(model: Model, names: readonly string[]): Model {
  const opset = opsetOf(model, '');
  if (opset < SLICE_SINCE) throw tooOld(opset);
  const wanted = new Set(names);
  const { graph } = model;
  const chosen = graph.initializers.filter(({ name }) => wanted.has(name)).map(atLeastVector);
  const known = new Set(graph.initializers.map(({ name }) => name));
  const counts = [...new Set([0, ...chosen.map(({ dims }) => dims[0])])];
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (wanted.has(input) ? used(input) : input)),
  }));
  const open: Graph = {
    ...graph,
    nodes: [...chosen.flatMap(choosing), ...nodes],
    initializers: [
      ...graph.initializers.filter(({ name }) => !wanted.has(name)),
      ...chosen.map((tensor) => ({ ...tensor, name: tensor.name + OWN })),
      ...counts.map(rows).filter(({ name }) => !known.has(name)),
    ],
    inputs: [...graph.inputs, ...chosen.map(inputOf)],
  };
  return { ...model, graph: open };
}

/** Under which name the file holds the matrix that stands in for an input left empty. */
export function ownName(input: string): string {
  return input + OWN;
}

function used(name: string): string {
  return `${name}.used`;
}

function rows(count: number): Tensor {
  return makeTensor(`lora.rows.${count}`, [1], BigInt64Array.of(BigInt(count)));
}

function atLeastVector(tensor: Tensor): Tensor {
  return tensor.dims.length > 0 ? tensor : { ...tensor, dims: [1] };
}

function inputOf({ name, dataType, dims }: Tensor): ValueInfo {
  return makeValueInfo(name, dataType, [GIVEN, ...dims.slice(1)]);
}

/** (given, own)[0 : n]. */
function choosing({ name, dims }: Tensor): Node[] {
  const [both, chosen] = [`${name}.both`, used(name)];
  const [zero, count] = [0, dims[0]].map((n) => rows(n).name);
  return [
    makeNode('Concat', [name, name + OWN], [both], { axis: 0 }, '', both),
    makeNode('Slice', [both, zero, count, zero], [chosen], {}, '', chosen),
  ];
}

/** Whether an input of these sizes may be left empty because the file holds what it stands for. */
export function isAdapterInput(dims: readonly (number | string)[]): boolean {
  return dims[0] === GIVEN;
}

/** The names of the inputs {@link adapterInputs} made. */
export function adapterInputNames({ inputs }: Graph): readonly string[] {
  return inputs.filter(({ type }) => type?.dims?.[0]?.symbol === GIVEN).map(({ name }) => name);
}

/** The reverse of {@link adapterInputs}: the matrices in the file are what the graph reads, for good. */
export function closedAdapters(model: Model): Model {
  const { graph } = model;
  const names = new Set(adapterInputNames(graph));
  if (names.size === 0) return model;
  const steps = new Set([...names].flatMap((name) => [`${name}.both`, used(name)]));
  const originals = new Map([...names].map((name) => [used(name), name]));
  const stored = new Map([...names].map((name) => [name + OWN, name]));
  const nodes = graph.nodes.filter(({ outputs }) => !steps.has(outputs[0]));
  return {
    ...model,
    graph: {
      ...graph,
      nodes: nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((input) => originals.get(input) ?? input),
      })),
      initializers: graph.initializers
        .filter(({ name }) => !/^lora\.rows\.\d+$/.test(name))
        .map((tensor) => ({ ...tensor, name: stored.get(tensor.name) ?? tensor.name })),
      inputs: graph.inputs.filter(({ name }) => !names.has(name)),
    },
  };
}

function tooOld(opset: number): LatheError {
  return new LatheError(
    'adapter-inputs-opset',
    `The model is written in operator set ${opset}, in which an adapter cannot be made an input; export it with operator set ${SLICE_SINCE} or later, or keep the adapter inside (result "adapter").`,
    { opset },
  );
}

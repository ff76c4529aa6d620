import { LatheError } from '../errors/lathe-error.ts';
import { makeNode, makeValueInfo } from '../onnx/graph/make.ts';
import { topologicalOrder } from '../onnx/graph/topology.ts';
import { inferShapes, type ShapeInfo } from '../onnx/shape/infer.ts';
import type { Model, Node, ValueInfo } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import type { GateSite } from './gate-sites.ts';
import { isSkipNorm, splitSkipNorm, sumOf } from './skip-norms.ts';

/** A gated value: the model has inputs that shut it. */
export interface GateInputs extends GateSite {
  /** The same value before its gate. */
  readonly open: string;
  readonly dataType: number;
  /** Input [columns], multiplied onto the value. */
  readonly mask?: string;
  /** Inputs [] of type bool: true puts the other value in its place. */
  readonly switches: readonly { readonly input: string; readonly instead: string }[];
}

/** A model whose values can be switched off by its inputs, all weights as they are. */
export interface GatedModel {
  readonly model: Model;
  /** In an order in which values are computed. */
  readonly gates: readonly GateInputs[];
}

/**
 * Puts a gate behind each of these values: v = where(switch, instead, open·mask). With all switches off and masks of
 * ones it is the same function to the bit. What is put in a value's place is itself gated: blocks can go one after
 * the other. A fused add and norm is taken apart where its sum is gated.
 * Throws `ablation-value` for a value that no node makes, `value-type-unknown`.
 */
export function gatedModel(model: Model, sites: readonly GateSite[]): GatedModel {
  const split = withSums(
    model,
    new Set(sites.flatMap(({ value, insteads }) => [value, ...insteads])),
  );
  const { graph } = split;
  const shapes = inferShapes(split);
  const order = placesOf(graph.nodes);
  const known = new Set([...order.keys(), ...graph.inputs.map(({ name }) => name)]);
  const gates = sites
    .map((site) => inputsOf(site, shapes, order, known))
    .sort((a, b) => (order.get(a.value) ?? 0) - (order.get(b.value) ?? 0));
  const opened = new Map(gates.map(({ value, open }) => [value, open]));
  const nodes = graph.nodes.map((node) => makingOpen(node, opened));
  return {
    gates,
    model: {
      ...split,
      graph: {
        ...graph,
        nodes: topologicalOrder([...nodes, ...gates.flatMap(gateNodes)]),
        inputs: [...graph.inputs, ...gates.flatMap(inputInfos)],
      },
    },
  };
}

/** Skip norms whose sum is named are taken apart. */
function withSums(model: Model, named: ReadonlySet<string>): Model {
  const { graph } = model;
  const concerned = (node: Node): boolean => isSkipNorm(node) && named.has(sumOf(node));
  if (!graph.nodes.some(concerned)) return model;
  const nodes = graph.nodes.flatMap((node) => (concerned(node) ? splitSkipNorm(node) : [node]));
  return { ...model, graph: { ...graph, nodes } };
}

/** Where in the order of computing each value is made. */
function placesOf(nodes: readonly Node[]): Map<string, number> {
  const places = new Map<string, number>();
  topologicalOrder(nodes).forEach(({ outputs }, at) => {
    for (const output of outputs) if (output !== '') places.set(output, at);
  });
  return places;
}

function inputsOf(
  site: GateSite,
  shapes: ShapeInfo,
  order: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
): GateInputs {
  const { value, insteads } = site;
  const missing = order.has(value) ? insteads.find((name) => !known.has(name)) : value;
  if (missing !== undefined) throw noSuchValue(missing);
  const dataType = shapes.dataTypeOf(value);
  if (dataType === undefined) throw typeUnknown(value);
  return {
    ...site,
    ...{ open: `${value}/open`, dataType },
    ...(site.masked && { mask: `${value}/mask` }),
    switches: insteads.map((instead, at) => ({ input: `${value}/switch ${at}`, instead })),
  };
}

function makingOpen(node: Node, opened: ReadonlyMap<string, string>): Node {
  if (!node.outputs.some((value) => opened.has(value))) return node;
  return { ...node, outputs: node.outputs.map((value) => opened.get(value) ?? value) };
}

/** open·mask, then one choice after the other; the last of them makes the value. */
function gateNodes({ value, open, mask, switches }: GateInputs): Node[] {
  const steps = [
    ...(mask === undefined
      ? []
      : [(from: string, to: string) => makeNode('Mul', [from, mask], [to])]),
    ...switches.map(
      ({ input, instead }) =>
        (from: string, to: string) =>
          makeNode('Where', [input, instead, from], [to]),
    ),
  ];
  return steps.map((step, at) => {
    const from = at === 0 ? open : `${value}/gate ${at}`;
    return step(from, at === steps.length - 1 ? value : `${value}/gate ${at + 1}`);
  });
}

function inputInfos({ mask, switches, dataType }: GateInputs): ValueInfo[] {
  return [
    ...(mask === undefined ? [] : [makeValueInfo(mask, dataType, [undefined])]),
    ...switches.map(({ input }) => makeValueInfo(input, DataType.bool, [])),
  ];
}

function noSuchValue(value: string): LatheError {
  return new LatheError(
    'ablation-value',
    `The model has no value "${value}" to switch off or to put in another's place; name an output of one of its nodes.`,
    { value },
  );
}

function typeUnknown(value: string): LatheError {
  return new LatheError(
    'value-type-unknown',
    `What leaving out "${value}" costs cannot be measured, because the element type of that value could not be inferred; choose another part of the model.`,
    { value },
  );
}

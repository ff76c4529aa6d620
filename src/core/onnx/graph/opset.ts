import { LatheError } from '../../errors/lathe-error.ts';
import { canonicalDomain, NEWEST_OPSET, operatorEntry } from '../operators/table.ts';
import type { Graph, Model, Node } from '../types.ts';
import { subgraphs } from './attributes.ts';

/**
 * The model with at least `version` of an operator set: added when it is missing (com.microsoft 1),
 * raised when every operator in use keeps its meaning on the way (the operator table knows).
 * The IR version rises to what ONNX asks for that opset. Throws `opset-raise` with the first operator
 * that stands in the way.
 */
export function ensureOpset(model: Model, domain: string, version: number): Model {
  const wanted = canonicalDomain(domain);
  const present = model.opsets.find((o) => canonicalDomain(o.domain) === wanted);
  if (!present) return { ...model, opsets: [...model.opsets, { domain: wanted, version }] };
  if (present.version >= version) return model;
  assertRaisable(model.graph, wanted, present.version, version);
  const opsets = model.opsets.map((o) => (o === present ? { ...o, version } : o));
  const irVersion = wanted === '' ? Math.max(model.irVersion, leastIr(version)) : model.irVersion;
  return { ...model, opsets, irVersion };
}

/** The model's version of an operator set; 0 when it does not import it. */
export function opsetOf(model: Model, domain: string): number {
  const wanted = canonicalDomain(domain);
  return model.opsets.find((o) => canonicalDomain(o.domain) === wanted)?.version ?? 0;
}

function assertRaisable(graph: Graph, domain: string, from: number, to: number): void {
  const name = domain === '' ? 'ai.onnx' : domain;
  if (domain === '' && to > NEWEST_OPSET) {
    throw raise(name, from, to, `only versions up to ${NEWEST_OPSET} are known here`);
  }
  for (const node of allNodes(graph)) {
    if (canonicalDomain(node.domain) !== domain) continue;
    const entry = operatorEntry(node.opType, domain);
    if (!entry) throw raise(name, from, to, `what became of ${node.opType} is not known here`);
    const change = entry.breaking.find((version) => version > from && version <= to);
    if (change !== undefined) {
      throw raise(name, from, to, `${node.opType} changed its meaning in version ${change}`);
    }
  }
}

function* allNodes(graph: Graph): Generator<Node> {
  for (const node of graph.nodes) {
    yield node;
    for (const body of subgraphs(node)) yield* allNodes(body);
  }
}

/** ONNX release table (docs/Versioning.md): the IR version that came with each opset. */
const IR_BY_OPSET = [
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [9, 4],
] as const;

/** The IR version that came with a version of ai.onnx. */
export function leastIr(opset: number): number {
  return IR_BY_OPSET.find(([least]) => opset >= least)?.[1] ?? 3;
}

function raise(domain: string, from: number, to: number, reason: string): LatheError {
  return new LatheError(
    'opset-raise',
    `The model uses ${domain} ${from} and version ${to} is needed, but ${reason}; export the model with opset ${to} or newer.`,
    { domain, from, to },
  );
}

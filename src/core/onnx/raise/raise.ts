import { LatheError } from '../../errors/lathe-error.ts';
import { mapSubgraphs } from '../graph/attributes.ts';
import { freshName } from '../graph/edit-state.ts';
import { leastIr, opsetOf } from '../graph/opset.ts';
import { allNames } from '../graph/values.ts';
import { canonicalDomain, NEWEST_OPSET, operatorEntry } from '../operators/table.ts';
import { inferShapes, type ShapeInfo } from '../shape/infer.ts';
import type { Model, Node } from '../types.ts';
import { rewriteOf } from './rewrites.ts';
import type { Setting } from './setting.ts';

/**
 * The model with its standard operators as version `to` of ai.onnx writes them: what was an attribute
 * and became an input is one, what changed its default says it, what was renamed has its new name
 * (onnx/docs/Changelog.md). It computes the same. The model itself where it is as new already.
 * Throws `opset-raise` with the first operator that has no equal in the newer set.
 */
export function raiseModel(model: Model, to: number): Model {
  const from = opsetOf(model, '');
  if (from >= to) return model;
  const names = allNames(model.graph);
  const setting = settingOf(model, (prefix) => freshName(names, prefix));
  const nodes = raiseNodes(model.graph.nodes, { from, to, setting });
  const standard = model.opsets.filter(({ domain }) => canonicalDomain(domain) !== '');
  return {
    ...model,
    irVersion: Math.max(model.irVersion, leastIr(to)),
    opsets: [{ domain: '', version: to }, ...standard],
    graph: { ...model.graph, nodes },
  };
}

interface Raise {
  readonly from: number;
  readonly to: number;
  readonly setting: Setting;
}

/** As {@link raiseModel}, for nodes alone. Throws `opset-raise`. */
export function raiseNodes(nodes: readonly Node[], raise: Raise): readonly Node[] {
  const raised = nodes.flatMap((node) => raiseNode(node, raise));
  return raised.every((node, i) => node === nodes[i]) ? nodes : raised;
}

function raiseNode(node: Node, raise: Raise): readonly Node[] {
  const next = mapSubgraphs(node, (body) => {
    const nodes = raiseNodes(body.nodes, raise);
    return nodes === body.nodes ? body : { ...body, nodes };
  });
  return canonicalDomain(node.domain) === '' ? rewritten(next, raise) : [next];
}

/** One version that changed the operator after the other, whatever it has become on the way. */
function rewritten(node: Node, { from, to, setting }: Raise): readonly Node[] {
  const entry = operatorEntry(node.opType, '');
  if (!entry) throw refusal(node, from, to, 'what became of it is not known here');
  const change = entry.breaking.find((version) => version > from && version <= to);
  if (change === undefined) return [node];
  const made =
    rewriteOf(node, change)?.(node, setting) ?? `it changed its meaning in version ${change}`;
  if (typeof made === 'string') throw refusal(node, from, to, made);
  return made.flatMap((next) => rewritten(next, { from: change, to, setting }));
}

function settingOf(model: Model, fresh: Setting['fresh']): Setting {
  const shapes = quietly(() => inferShapes(model));
  return {
    fresh,
    typeOf: (value) => shapes?.dataTypeOf(value),
    rankOf: (value) => shapes?.typeOf(value)?.dims.length,
  };
}

/** A graph whose shapes cannot be inferred is raised as far as that needs none. */
function quietly(infer: () => ShapeInfo): ShapeInfo | undefined {
  try {
    return infer();
  } catch {
    return undefined;
  }
}

function refusal({ opType, name, outputs }: Node, from: number, to: number, why: string) {
  const label = name || outputs[0];
  const newest = to > NEWEST_OPSET ? ` (newer than ${NEWEST_OPSET}, the newest known here)` : '';
  return new LatheError(
    'opset-raise',
    `The model is written in operator set ${from} and could not be brought to ${to}${newest}, because of its ${opType} node "${label}": ${why}; export it with operator set ${to} or newer.`,
    { operator: opType, from, to },
  );
}

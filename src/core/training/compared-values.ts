import { closedAdapters } from '../adapters/inputs.ts';
import type { MaskInputs } from '../autodiff/normalise/masks.ts';
import { normalise } from '../autodiff/normalise/normalise.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { takeBranch } from '../onnx/branches/take-branch.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model, Node, ValueInfo } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { batchBindings, type BatchShape } from './bindings.ts';
import type { Objective } from './objective.ts';

export type Side = 'student' | 'teacher';

/**
 * The model with fixed sizes and in primitives (`normalise`) that still makes every value the objective
 * compares: what nobody reads, such as the stream behind the last block of a fused model, would be
 * dropped, and so would matrices that only losses read. Throws `value-compared`, what `normalise` and
 * `batchBindings` throw. Of a merged decoder the branch without a cache learns; its weights are the other's.
 */
export function normaliseFor(
  given: Model,
  side: Side,
  objective: Objective,
  shape: BatchShape,
  masks?: MaskInputs,
): Model {
  const values = comparedValues(objective, side);
  const { graph } = takeBranch(given);
  const made = new Set([...graph.nodes, ...graph.outputs].flatMap(namesOf));
  const lost = values.find((name) => !made.has(name));
  if (lost !== undefined) throw notThere(lost, side);
  const normal = normaliseKeeping(given, values, shape, masks);
  const names = side === 'student' ? projectionsOf(objective) : new Set<string>();
  const projections = graph.initializers.filter(({ name }) => names.has(name));
  const initializers = [...normal.graph.initializers, ...projections];
  return { ...normal, graph: { ...normal.graph, initializers } };
}

function namesOf(part: Node | ValueInfo): readonly string[] {
  return 'outputs' in part ? part.outputs : [part.name];
}

/**
 * The model with fixed sizes and in primitives that still makes those of `values` that are outputs of its nodes. Of a merged
 * decoder the branch without a cache. Throws what `normalise` and `batchBindings` throw.
 */
export function normaliseKeeping(
  given: Model,
  values: readonly string[],
  shape: BatchShape,
  masks?: MaskInputs,
): Model {
  const model = withoutDefaults(closedAdapters(takeBranch(given)));
  const { graph } = model;
  const delivered = new Set(graph.outputs.map(({ name }) => name));
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const extra = values.filter((name) => made.has(name) && !delivered.has(name));
  const outputs = extra.map((name) => makeValueInfo(name, DataType.float32));
  const asked = { ...model, graph: { ...graph, outputs: [...graph.outputs, ...outputs] } };
  const normal = normalise(asked, batchBindings(graph, shape), masks);
  const kept = normal.graph.outputs.filter(({ name }) => delivered.has(name));
  return { ...normal, graph: { ...normal.graph, outputs: kept } };
}

/** A weight that is an input as well (IR < 4, or a default) is trained as a weight. */
function withoutDefaults(model: Model): Model {
  const { graph } = model;
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  if (inputs.length === graph.inputs.length) return model;
  return { ...model, irVersion: Math.max(4, model.irVersion), graph: { ...graph, inputs } };
}

function comparedValues(objective: Objective, side: Side): readonly string[] {
  const names = objective.flatMap((term) => {
    if (term.weight === 0 || term.kind === 'labels' || term.kind === 'logits') return [];
    if (term.kind === 'hidden') return term.pairs.map((pair) => pair[side]);
    return term.pairs.map((pair) => pair[side].output);
  });
  return [...new Set(names)];
}

function projectionsOf(objective: Objective): ReadonlySet<string> {
  const terms = objective.filter((term) => term.kind === 'hidden');
  return new Set(terms.flatMap(({ pairs }) => pairs.flatMap((pair) => pair.projection ?? [])));
}

function notThere(name: string, side: Side): LatheError {
  return new LatheError(
    'value-compared',
    `The objective compares "${name}", which the ${side} does not compute; set the weights of the hidden states, the attention maps and the relations to 0.`,
    { name, side },
  );
}

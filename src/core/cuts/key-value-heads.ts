import { findFusedAttention } from '../anatomy/fused-attention.ts';
import type { AttentionCore } from '../anatomy/core.ts';
import { modelDims } from '../anatomy/shapes.ts';
import { findSoftmaxAttention } from '../anatomy/softmax-attention.ts';
import type { Anatomy, Layer } from '../anatomy/types.ts';
import { viewGraph } from '../anatomy/view.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { Model, Node } from '../onnx/types.ts';
import { cutGraph, type CutGraph } from './graph.ts';
import type { CutGroup, Skip } from './group.ts';
import { findHeads } from './heads.ts';
import { called, coupled, spread, type Marks, type Start } from './spread.ts';

/**
 * The keys and values of an attention, which can become fewer while all queries stay. Its readers and members are those
 * of the groups of {@link findHeads}; the marks cover keys and values alone.
 */
export interface KeyValueGroup extends CutGroup {
  /** Marks behind the queries, the keys and the values: which stored entries belong to which of them. */
  readonly parts: Readonly<Record<'query' | 'key' | 'value', Marks>>;
}

export interface FoundKeyValues {
  readonly groups: readonly KeyValueGroup[];
  readonly skipped: readonly Skip[];
}

/**
 * The key and value heads of each attention whose output projection is among `layers`. Where queries meet keys in single
 * operators (or in MultiHeadAttention), what reads keys and values will read them repeated; operators for grouped queries
 * read them as they are.
 */
export function findKeyValueHeads(
  model: Model,
  anatomy: Anatomy,
  layers: readonly Layer[] = anatomy.layers,
): FoundKeyValues {
  const { groups, skipped } = findHeads(model, anatomy, 'kv-groups', layers);
  const cores = coresOf(model);
  const found: KeyValueGroup[] = [];
  const left: Skip[] = [...skipped];
  for (const group of groups) {
    try {
      found.push(keysAndValues(cutGraph(model), group, cores));
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      left.push({ name: group.name, reason: cannot(group, error.message) });
    }
  }
  return { groups: found, skipped: left };
}

function coresOf(model: Model): readonly AttentionCore[] {
  const view = viewGraph(model.graph);
  return [...findSoftmaxAttention(view), ...findFusedAttention(view, modelDims(model))];
}

function keysAndValues(
  graph: CutGraph,
  group: CutGroup,
  all: readonly AttentionCore[],
): KeyValueGroup {
  const cores = all.filter(({ output }) => group.marks.has(output));
  if (cores.length === 0) throw coupled('where queries meet keys was not recognised');
  const starts = (part: 'query' | 'key' | 'value'): Start[] =>
    cores.flatMap((core): Start[] => {
      const mark = group.marks.get(core[part]);
      return mark ? [{ value: core[part], ...mark }] : [];
    });
  const walls = new Set(cores.flatMap((core) => readersToRepeat(graph, core)));
  const options = { caches: true, pooled: true, walls };
  const behind = (part: 'query' | 'key' | 'value'): Marks =>
    spread(graph, starts(part), { caches: true, upstream: true });
  const marks = spread(graph, [...starts('key'), ...starts('value')], options);
  if (cores.some(({ query, key }) => query !== key && marks.has(query))) {
    throw coupled('queries, keys and values lie on one axis with as many heads each');
  }
  return {
    ...group,
    options,
    marks,
    parts: { query: behind('query'), key: behind('key'), value: behind('value') },
  };
}

/** The nodes that must read keys or values repeated. Throws where an operator holds or keeps those of all heads. */
function readersToRepeat(graph: CutGraph, core: AttentionCore): readonly Node[] {
  const node = graph.model.graph.nodes[core.node];
  if (node.opType === 'Softmax' || node.opType === 'BiasSoftmax') {
    return [core.key, core.value].flatMap((value) =>
      graph.index.consumers(value).filter(({ opType }) => /MatMul|Einsum/.test(opType)),
    );
  }
  if (core.inside) throw coupled(`${called(node)} holds the keys of all heads in one weight`);
  if (node.opType !== 'MultiHeadAttention') return [];
  const { inputs, outputs } = node;
  const keeps = inputs[6] || inputs[7] || outputs[1] || outputs[2];
  const flat = [inputs[1], inputs[2]].every((value) => value && graph.dims(value)?.length === 3);
  if (keeps) throw coupled(`${called(node)} keeps a cache of all heads`);
  if (inputs[3] || !flat)
    throw coupled(`${called(node)} reads keys and values of all heads at once`);
  return [node];
}

function cannot({ name }: CutGroup, reason: string): string {
  return `The keys and values in front of "${name}" stay as they are: ${reason}.`;
}

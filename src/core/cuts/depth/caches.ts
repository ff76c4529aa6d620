import { isCacheInput } from '../../data/cache-input.ts';
import { presentName } from '../../cache/names.ts';
import { editGraph } from '../../onnx/graph/edit.ts';
import { indexGraph } from '../../onnx/graph/index-graph.ts';
import type { Graph, ValueInfo } from '../../onnx/types.ts';
import { deliveredBy } from './outputs.ts';
import { noCacheLeft } from './problems.ts';

/** What belongs to the number of a block in a port's name: "past_key_values.#.key". */
export interface NumberedName {
  readonly pattern: string;
  readonly number: number;
}

/** The block's number in the name of a cache port, the last of several; undefined where it has none. */
export function numbered(name: string): NumberedName | undefined {
  const found = [...name.matchAll(/\d+/g)].at(-1);
  if (found === undefined) return undefined;
  const end = found.index + found[0].length;
  return {
    pattern: `${name.slice(0, found.index)}#${name.slice(end)}`,
    number: Number(found[0]),
  };
}

/** The name with a number in its place. */
export function withNumber(pattern: string, number: number): string {
  return pattern.replace('#', String(number));
}

/** Inputs whose keys and values are handed on by outputs that are computed from `removed` values. */
export function removedCaches(graph: Graph, removed: ReadonlySet<string>): readonly ValueInfo[] {
  const outputs = graph.outputs.map(({ name }) => name);
  return graph.inputs.filter(({ name }) => {
    const present = isCacheInput(name) ? presentName(name, outputs) : undefined;
    return present !== undefined && deliveredBy(graph, present).some((value) => removed.has(value));
  });
}

/**
 * What still reads the cache of a removed attention counts tokens: it reads one of an attention that stays, of the same
 * kind and shape. Throws `cut-cache-length` where none does.
 */
export function movePasts(graph: Graph, gone: readonly ValueInfo[]): Graph {
  const editor = editGraph(graph);
  const index = indexGraph(graph);
  const names = new Set(gone.map(({ name }) => name));
  const stay = graph.inputs.filter(({ name }) => isCacheInput(name) && !names.has(name));
  for (const port of gone) {
    if (index.useCount(port.name) === 0) continue;
    const own = numbered(port.name)?.pattern;
    const other = stay.find((one) => numbered(one.name)?.pattern === own && sameShape(one, port));
    if (other === undefined) throw noCacheLeft(port.name);
    editor.replaceUses(port.name, other.name);
  }
  const inputs = graph.inputs.filter(({ name }) => !names.has(name));
  return gone.length === 0 ? graph : { ...editor.finish(), inputs };
}

function sameShape(a: ValueInfo, b: ValueInfo): boolean {
  return JSON.stringify(a.type?.dims) === JSON.stringify(b.type?.dims);
}

/**
 * Sizes of keys and values that go out are read from those of an attention that stays. `removed` are the values that are
 * computed from the cut's numbers.
 */
export function movePresents(graph: Graph, removed: ReadonlySet<string>): Graph {
  const outputs = graph.outputs.map(({ name }) => name);
  const depends = (name: string): boolean =>
    deliveredBy(graph, name).some((value) => removed.has(value));
  const editor = editGraph(graph);
  const index = indexGraph(graph);
  for (const output of outputs.filter(depends)) {
    const own = numbered(output);
    const other = outputs.find((one) => numbered(one)?.pattern === own?.pattern && !depends(one));
    if (own === undefined || other === undefined) continue;
    const pairs = deliveredBy(graph, output).map((value, at) => {
      return [sized(index, value), sized(index, deliveredBy(graph, other)[at])] as const;
    });
    for (const [from, to] of pairs) {
      for (const node of index.consumers(from)) {
        if (node.opType !== 'Shape') continue;
        const inputs = node.inputs.map((value) => (value === from ? to : value));
        editor.replaceNode(node, { ...node, inputs });
      }
    }
  }
  return editor.finish();
}

/** The value before it is only handed on under the output's name. */
function sized(index: ReturnType<typeof indexGraph>, value: string): string {
  const maker = index.producer(value)?.node;
  return maker?.opType === 'Identity' ? maker.inputs[0] : value;
}

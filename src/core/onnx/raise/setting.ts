import { makeNode, makeTensor } from '../graph/make.ts';
import type { Node } from '../types.ts';

/** What a rewrite may ask of the graph around its node. */
export interface Setting {
  /** A name that no value has. */
  fresh(prefix: string): string;
  /** Element type of a value, where it is known. */
  typeOf(value: string): number | undefined;
  /** Number of axes of a value, where it is known. */
  rankOf(value: string): number | undefined;
}

/** The node in the newer operator set, with what it needs in front and behind; or why there is none. */
export type Rewrite = (node: Node, setting: Setting) => readonly Node[] | string;

/** A Constant node with whole numbers: what was an attribute becomes an input. */
export function integers(base: string, values: readonly number[], setting: Setting): Node {
  const name = setting.fresh(base);
  const data = BigInt64Array.from(values, BigInt);
  return makeNode('Constant', [], [name], { value: makeTensor('', [values.length], data) });
}

/** The node without the named attributes. */
export function without(node: Node, ...names: readonly string[]): Node {
  return { ...node, attributes: node.attributes.filter(({ name }) => !names.includes(name)) };
}

/** The node with one more input at `slot`; slots between are left out. */
export function withInput(node: Node, slot: number, value: string): Node {
  const inputs = Array.from({ length: Math.max(slot + 1, node.inputs.length) }, (_, i) =>
    i === slot ? value : (node.inputs[i] ?? ''),
  );
  return { ...node, inputs };
}

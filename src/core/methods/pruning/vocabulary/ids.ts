import type { GraphView } from '../../../anatomy/view.ts';
import { isOp } from '../../../anatomy/operators.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Node, Tensor } from '../../../onnx/types.ts';
import type { TokenAxis } from './axis.ts';

/** A comparison of ids with one that stands in the graph ("is it padding?"). */
export interface Compared {
  readonly node: Node;
  readonly slot: number;
  readonly constant: Tensor;
}

const SAME = /^(Identity|Cast|Reshape|Unsqueeze|Squeeze|Flatten|Slice|Concat)$/;
/** Kept tokens keep their order, so the largest id stays the largest. */
const ASIDE = /^(Shape|Size|ArgMax|ArgMin)$/;

/**
 * Where the graph compares ids of tokens with constants, found from the inputs that are looked up. Throws
 * `vocabulary-uncut` where it calculates with them otherwise.
 */
export function comparedIds(view: GraphView, { tensors, indices }: TokenAxis): Compared[] {
  const found: Compared[] = [];
  const seen = new Set<string>();
  const open = [...new Set([...indices].flatMap((value) => sourcesOf(view, value)))];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    for (const { node: at, slot } of view.uses(value)) {
      const node = view.nodes[at];
      if (isOp(node, 'Equal')) found.push(comparison(view, node, slot));
      else if (SAME.test(node.opType) && slot === 0) open.push(node.outputs[0]);
      else if (!ASIDE.test(node.opType) && !looksUp(node, slot, tensors)) throw calculated(node);
    }
  }
  return found;
}

/** The inputs of the model that ids come from. */
function sourcesOf(view: GraphView, start: string): string[] {
  let value = start;
  for (let maker = view.maker(value); maker; maker = view.maker(value)) {
    if (!SAME.test(maker.opType)) return [value];
    [value] = maker.inputs;
  }
  return [value];
}

/** Tables behind an Identity or a Cast are looked up all the same. */
function looksUp(node: Node, slot: number, tables: ReadonlyMap<string, unknown>): boolean {
  if (node.opType === 'EmbedLayerNormalization') return slot === 0;
  return isOp(node, 'Gather') && slot === 1 && tables.size > 0;
}

function comparison(view: GraphView, node: Node, slot: number): Compared {
  const constant = view.tensor(node.inputs[1 - slot]);
  if (constant === undefined) throw calculated(node);
  return { node, slot: 1 - slot, constant };
}

function calculated(node: Node): LatheError {
  return new LatheError(
    'vocabulary-uncut',
    `The graph calculates with ids of tokens (${node.opType}, "${node.outputs[0]}"), which a smaller vocabulary renumbers, so no token can be taken out; leave this step out.`,
    { operator: node.opType },
  );
}

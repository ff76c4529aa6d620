import { isActivatedProduct } from './feed-forward.ts';
import type { Linear } from './linear.ts';
import { isFused, isMove, isOp } from './operators.ts';
import type { Node } from '../onnx/types.ts';
import type { Parts } from './parts.ts';
import { dataInputs, walk } from './walk.ts';

/** Where a branch is added back onto the residual stream. */
export interface Join {
  /** The Add, or onnxruntime's Skip(Simplified)LayerNormalization. */
  readonly node: number;
  /** The stream before the join. */
  readonly skip: string;
  /** The stream after the join, before any norm if that value exists. */
  readonly after: string;
  /** Where the branch is added to another branch first: that sum, and the other branch. */
  readonly inner?: { readonly value: string; readonly instead: string };
  /** The branch as the first sum reads it. */
  readonly added: string;
}

/** True for an add with the norm behind it in one operator. */
export function isSkipNorm(node: Node): boolean {
  return isFused(node, 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization');
}

/**
 * Goes on from a branch's last linear map, through bias, scaling and norms, to the add that joins it
 * to the stream. Where the other operand is itself the end of a branch (attention and feed-forward
 * in parallel), the join is the add after.
 */
export function findJoin(parts: Parts, end: Linear, ends: ReadonlySet<Linear>): Join | undefined {
  const { view } = parts;
  let found: Join | undefined;
  let inner: Sum | undefined;
  walk([end.output], (value) => {
    const onward = (parts.normsReading.get(value) ?? []).map((norm) => norm.output);
    for (const { node: index, slot } of view.uses(value)) {
      const node = view.nodes[index];
      const join = joinAt(parts, node, index, slot, ends);
      if (join) {
        found = { ...join, ...(inner && { inner: inner.inner }), added: inner?.added ?? value };
        return 'done';
      }
      if (inner === undefined && isSumOfBranches(parts, node, slot, ends)) {
        const sum = { value: node.outputs[0], instead: node.inputs[1 - slot] };
        inner = { inner: sum, added: value };
      }
      if (passes(parts, node, slot, ends)) onward.push(node.outputs[0]);
    }
    return onward;
  });
  return found;
}

function joinAt(
  parts: Parts,
  node: Node,
  index: number,
  slot: number,
  ends: ReadonlySet<Linear>,
): Omit<Join, 'added'> | undefined {
  if (slot > 1) return undefined;
  const skip = node.inputs[1 - slot];
  const adds = isOp(node, 'Add') || isSkipNorm(node);
  if (!adds || parts.view.isConstant(skip) || branchEnd(parts, skip, ends)) return undefined;
  const after = isSkipNorm(node) ? node.outputs[3] || node.outputs[0] : node.outputs[0];
  return { node: index, skip, after };
}

/** Where two branches are added to each other. */
type Sum = Required<Pick<Join, 'inner' | 'added'>>;

function isSumOfBranches(
  parts: Parts,
  node: Node,
  slot: number,
  ends: ReadonlySet<Linear>,
): boolean {
  if (!isOp(node, 'Add') || slot > 1) return false;
  const other = node.inputs[1 - slot];
  return !parts.view.isConstant(other) && branchEnd(parts, other, ends);
}

function passes(parts: Parts, node: Node, slot: number, ends: ReadonlySet<Linear>): boolean {
  if (isMove(node)) return slot === 0;
  if (isOp(node, 'Mul')) return !isActivatedProduct(parts, node);
  if (isOp(node, 'Div', 'Concat', 'Where')) return true;
  if (!isOp(node, 'Add')) return false;
  const other = node.inputs[1 - slot];
  return parts.view.isConstant(other) || branchEnd(parts, other, ends);
}

/** True when a value is the output of a branch, at most biased, scaled or normed. */
function branchEnd(parts: Parts, start: string, ends: ReadonlySet<Linear>): boolean {
  const { view } = parts;
  let value = start;
  for (let steps = 0; steps < 16; steps++) {
    const linear = parts.linearMaking.get(value);
    if (linear) return ends.has(linear);
    const node = view.maker(value);
    if (!node) return false;
    const before = parts.normMaking.get(value)?.input ?? onlyInput(parts, node, value);
    if (before === undefined) return false;
    value = before;
  }
  return false;
}

function onlyInput(parts: Parts, node: Node, value: string): string | undefined {
  const inputs = dataInputs(parts.view, node, value);
  return inputs.length === 1 ? inputs[0] : undefined;
}

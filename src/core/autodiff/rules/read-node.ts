import { LatheError } from '../../errors/lathe-error.ts';
import { intsAttribute } from '../../onnx/graph/attributes.ts';
import type { Node } from '../../onnx/types.ts';
import { resolveAxis } from '../dims.ts';
import type { GradientContext } from '../types.ts';

/** The node's name, or the first value it makes. */
export function nameOf(node: Node): string {
  return node.name || (node.outputs.find((output) => output !== '') ?? node.opType);
}

/** An operator whose other forms have gradients; `form` completes "is used …". */
export function noGradientForm({ node }: GradientContext, form: string): LatheError {
  return new LatheError(
    'no-gradient-form',
    `The operator ${node.opType} (node "${nameOf(node)}") is used ${form}, and no gradient is known for that form; train layers behind it only, or export the model without it.`,
    { operator: node.opType, node: nameOf(node) },
  );
}

/**
 * Integers that older operator sets give as the attribute `name` and newer ones as input `index`;
 * undefined when neither is given. Throws `gradient-not-constant` when the input is computed.
 */
export function integersOf(
  context: GradientContext,
  name: string,
  index: number,
): readonly number[] | undefined {
  const input = context.input(index);
  if (input === '') return intsAttribute(context.node, name);
  return [...constantNumbers(context, index, name)];
}

/** The numbers of a constant input. Throws `gradient-not-constant` when it is computed. */
export function constantNumbers(
  context: GradientContext,
  index: number,
  name: string,
): readonly number[] {
  const known = context.emit.constant(context.input(index));
  if (known) return Array.from(known.data as ArrayLike<number | bigint>, Number);
  const { node } = context;
  throw new LatheError(
    'gradient-not-constant',
    `The ${name} of the ${node.opType} node "${nameOf(node)}" are computed while the model runs, so its gradient cannot be written; export the model with fixed sizes there.`,
    { operator: node.opType, node: nameOf(node) },
  );
}

/** Axes of a reduction, counted from the front; all of them when none are given. */
export function reductionAxes(
  context: GradientContext,
  rank: number,
  noop: boolean,
): readonly number[] {
  const given = integersOf(context, 'axes', 1) ?? [];
  if (given.length > 0) return given.map((axis) => resolveAxis(axis, rank));
  return noop ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

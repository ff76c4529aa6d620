import type { Node } from '../onnx/types.ts';
import { isArithmetic, isFused, isMove, isOp } from './operators.ts';
import type { GraphView } from './view.ts';

/** Longest walk in nodes: far above any real attention part, it only bounds odd graphs. */
const LIMIT = 4000;

/**
 * Visits values breadth first. `next` gives the values to go on to from one value, [] to stop there,
 * or 'done' to end the whole walk.
 */
export function walk(
  starts: readonly string[],
  next: (value: string) => readonly string[] | 'done',
): void {
  const seen = new Set(starts);
  const queue = [...seen];
  for (let head = 0; head < queue.length && head < LIMIT; head++) {
    const found = next(queue[head]);
    if (found === 'done') return;
    for (const value of found) {
      if (value === '' || seen.has(value)) continue;
      seen.add(value);
      queue.push(value);
    }
  }
}

/** The quantization scale and zero point of a tensor are not the tensor. */
function isSideOutput(node: Node, value: string): boolean {
  return isFused(node, 'DynamicQuantizeLinear') && value !== node.outputs[0];
}

/**
 * The inputs whose values a move or elementwise operator hands on; [] for every other operator.
 * Shape, mask and index inputs are not followed, nor are constants.
 */
export function dataInputs(view: GraphView, node: Node, value: string): readonly string[] {
  return handedOn(node, value).filter((input) => input !== '' && !view.isConstant(input));
}

function handedOn(node: Node, value: string): readonly string[] {
  if (isSideOutput(node, value)) return [];
  if (isMove(node) || isFused(node, 'RotaryEmbedding', 'GemmaRotaryEmbedding')) {
    return node.inputs.slice(0, 1);
  }
  if (isOp(node, 'Gather', 'GatherND', 'GatherElements', 'CumSum')) return node.inputs.slice(0, 1);
  if (isOp(node, 'ScatterND', 'ScatterElements')) return [node.inputs[0], node.inputs[2]];
  if (isOp(node, 'TensorScatter')) return node.inputs.slice(0, 2);
  if (isOp(node, 'Where')) return node.inputs.slice(1, 3);
  if (isOp(node, 'Clip', 'Pow')) return node.inputs.slice(0, 1);
  if (isOp(node, 'Concat') || isArithmetic(node)) return node.inputs;
  return [];
}

/**
 * The value that a chain of moves and constant scalings started from. Two values with one source
 * carry the same numbers, perhaps reordered, cut or scaled. `atoms` are values not to go behind: the
 * last step of a written-out norm is a scaling too.
 */
export function source(
  view: GraphView,
  value: string,
  atoms: { has(value: string): boolean },
): string {
  let current = value;
  for (let steps = 0; steps < 64 && !atoms.has(current); steps++) {
    const node = view.maker(current);
    const before = node && isCarrier(view, node) ? dataInputs(view, node, current) : [];
    const origins = new Set(before.length > 1 ? before.map((v) => nearSource(view, v)) : before);
    if (origins.size !== 1) return current;
    current = [...origins][0];
  }
  return current;
}

/** For the parts of a Concat: a plain chain of moves, so that joining rolled halves is seen through. */
function nearSource(view: GraphView, value: string): string {
  let current = value;
  for (let steps = 0; steps < 8; steps++) {
    const node = view.maker(current);
    if (!node || !isMove(node)) return current;
    current = node.inputs[0];
  }
  return current;
}

function isCarrier(view: GraphView, node: Node): boolean {
  if (isMove(node) || isOp(node, 'Concat')) return true;
  if (!isOp(node, 'Mul', 'Div')) return false;
  return node.inputs.some((input) => view.isConstant(input));
}

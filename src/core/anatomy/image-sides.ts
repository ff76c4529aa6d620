import { intsAttribute } from '../onnx/graph/attributes.ts';
import type { Graph, Node } from '../onnx/types.ts';
import { isMove, isOp } from './operators.ts';
import { viewGraph, type GraphView } from './view.ts';
import { walk } from './walk.ts';

/** Class token, distillation token: what a table of positions holds besides a square of patches. */
const EXTRA_TOKENS = [0, 1, 2];

/**
 * Height and width of the images that a table of learned positions was made for, as far as the graph tells:
 * the image is cut into n × n patches by a convolution of stride s, and the table added to them has n² rows,
 * or one or two more for class tokens; the sides are n·s. Undefined where there is no such table.
 */
export function imageSides(graph: Graph, input: string): readonly [number, number] | undefined {
  const view = viewGraph(graph);
  let found: readonly [number, number] | undefined;
  for (const { node: index } of view.uses(input)) {
    const conv = view.nodes[index];
    const strides = isOp(conv, 'Conv') ? intsAttribute(conv, 'strides') : undefined;
    const rows = strides?.length === 2 ? positionRows(view, conv) : undefined;
    const side = rows === undefined ? undefined : squareSide(rows);
    if (strides !== undefined && side !== undefined) {
      found = [side * strides[0], side * strides[1]];
    }
  }
  return found;
}

function squareSide(rows: number): number | undefined {
  const sides = EXTRA_TOKENS.map((extra) => Math.sqrt(rows - extra));
  return sides.find((side) => Number.isInteger(side) && side > 1);
}

/** Rows of the table that is added to what a convolution made, behind moves and joined tokens. */
function positionRows(view: GraphView, conv: Node): number | undefined {
  let rows: number | undefined;
  walk(conv.outputs.slice(0, 1), (value) => {
    if (rows !== undefined) return 'done';
    return view.uses(value).flatMap(({ node: index, slot }) => {
      const node = view.nodes[index];
      if (isOp(node, 'Add')) {
        rows ??= tableRows(view, node.inputs[1 - slot]);
        // A bias of the convolution stands in between.
        return rows === undefined && view.isConstant(node.inputs[1 - slot]) ? node.outputs : [];
      }
      return isOp(node, 'Concat') || (slot === 0 && isMove(node)) ? node.outputs : [];
    });
  });
  return rows;
}

/** Rows of a table [rows, width] or [1, rows, width], stored or looked up. */
function tableRows(view: GraphView, value: string): number | undefined {
  let current = value;
  for (let steps = 0; steps < 6; steps++) {
    const dims = view.tensor(current)?.dims;
    if (dims !== undefined) {
      const leads = dims.slice(0, -2).every((size) => size === 1);
      return dims.length >= 2 && leads ? dims.at(-2) : undefined;
    }
    const node = view.maker(current);
    if (node === undefined || !(isMove(node) || isOp(node, 'Gather', 'Cast'))) return undefined;
    current = node.inputs[0];
  }
  return undefined;
}

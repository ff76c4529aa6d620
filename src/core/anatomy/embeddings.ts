import { isActivatedProduct } from './feed-forward.ts';
import type { Linear } from './linear.ts';
import { isFused, isMove, isOp } from './operators.ts';
import type { Node } from '../onnx/types.ts';
import type { Parts } from './parts.ts';
import type { Table } from './tables.ts';
import { dataInputs, walk } from './walk.ts';

/** What a residual stream starts from. */
export interface Beginning {
  readonly tables: readonly Table[];
  /** Linear maps that turn the model's raw input (pixels, features) into the stream. */
  readonly patches: readonly Linear[];
  /** A whole table of positions is added, with no look-up or by a slice of it. */
  readonly addedPositions: boolean;
  /** onnxruntime's EmbedLayerNormalization. */
  readonly fused?: Node;
}

/** Goes back from the start of a residual stream to look-ups, patch projections and added positions. */
export function findBeginning(parts: Parts, root: string): Beginning {
  const { view } = parts;
  const tableMaking = new Map(parts.found.tables.map((table) => [table.output, table]));
  const tables: Table[] = [];
  const patches: Linear[] = [];
  let addedPositions = false;
  let fused: Node | undefined;
  walk([root], (value) => {
    const table = tableMaking.get(value);
    if (table) tables.push(table);
    const node = view.maker(value);
    if (!node || table || isActivatedProduct(parts, node)) return [];
    if (isFused(node, 'EmbedLayerNormalization')) fused = node;
    addedPositions ||= addsTable(parts, node);
    const norm = parts.normMaking.get(value);
    if (norm) return [norm.input];
    const linear = parts.linearMaking.get(value);
    if (!linear) return dataInputs(view, node, value);
    if (readsRawInput(parts, linear)) patches.push(linear);
    return [linear.input];
  });
  return { tables, patches, addedPositions, fused };
}

function readsRawInput(parts: Parts, linear: Linear): boolean {
  let raw = false;
  walk([linear.input], (value) => {
    raw ||= parts.view.inputs.has(value);
    const node = parts.view.maker(value);
    return raw ? 'done' : node ? dataInputs(parts.view, node, value) : [];
  });
  return raw;
}

/** Add of a constant with several rows, or of a slice of one. */
function addsTable({ view }: Parts, node: Node): boolean {
  if (!isOp(node, 'Add')) return false;
  return node.inputs.some((value) => hasRows(value) || isCut(value));

  function hasRows(value: string): boolean {
    const dims = view.tensor(value)?.dims;
    return dims !== undefined && dims.length >= 2 && dims[dims.length - 2] > 1;
  }

  function isCut(start: string): boolean {
    let value = start;
    for (let steps = 0; steps < 4; steps++) {
      const maker = view.maker(value);
      if (!maker || !isMove(maker)) return false;
      value = maker.inputs[0];
      if (view.isConstant(value)) return isOp(maker, 'Slice') && hasRows(value);
    }
    return false;
  }
}

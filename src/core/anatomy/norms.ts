import type { Node } from '../onnx/types.ts';
import { isFused, isOp } from './operators.ts';
import { floatsOf } from './view.ts';
import type { GraphView } from './view.ts';

export type NormKind = 'layer-norm' | 'rms-norm';

/** One normalization, whether a single operator or written out in arithmetic. */
export interface Norm {
  readonly kind: NormKind;
  readonly input: string;
  readonly output: string;
}

/** All layer norms and RMS norms of a graph that are not fused with a residual add. */
export function findNorms(view: GraphView): Norm[] {
  return view.nodes.flatMap((node) => {
    const found = fusedNorm(node) ?? writtenOutNorm(view, node);
    return found ? [found] : [];
  });
}

function fusedNorm(node: Node): Norm | undefined {
  const ends = { input: node.inputs[0], output: node.outputs[0] };
  if (isFused(node, 'LayerNormalization')) return { kind: 'layer-norm', ...ends };
  if (isFused(node, 'SimplifiedLayerNormalization', 'RMSNormalization')) {
    return { kind: 'rms-norm', ...ends };
  }
  return undefined;
}

/**
 * x / √(mean(x²) + ε) (RMS) or d / √(mean(d²) + ε) with d = x − mean(x) (layer norm), then ⊙ γ (+ β).
 * The anchor is the mean of a square.
 */
function writtenOutNorm(view: GraphView, node: Node): Norm | undefined {
  if (!isOp(node, 'ReduceMean')) return undefined;
  const squared = squaredValue(view, node.inputs[0]);
  if (squared === undefined) return undefined;
  const scaled = dividedByRoot(view, node.outputs[0], squared);
  if (scaled === undefined) return undefined;
  const centred = centredValue(view, squared);
  const kind = centred === undefined ? 'rms-norm' : 'layer-norm';
  const input = throughCasts(view, centred ?? squared);
  return { kind, input, output: affineOutput(view, scaled, kind) };
}

/** v for v² written as Pow(v, 2) or Mul(v, v). */
function squaredValue(view: GraphView, value: string): string | undefined {
  const node = view.maker(value);
  if (!node) return undefined;
  if (isOp(node, 'Mul') && node.inputs[0] === node.inputs[1]) return node.inputs[0];
  return isOp(node, 'Pow') && scalarOf(view, node.inputs[1]) === 2 ? node.inputs[0] : undefined;
}

/** x for x − mean(x). */
function centredValue(view: GraphView, value: string): string | undefined {
  const node = view.maker(throughCasts(view, value));
  if (!node || !isOp(node, 'Sub')) return undefined;
  const mean = view.maker(throughCasts(view, node.inputs[1]));
  if (!mean || !isOp(mean, 'ReduceMean')) return undefined;
  const same = throughCasts(view, mean.inputs[0]) === throughCasts(view, node.inputs[0]);
  return same ? node.inputs[0] : undefined;
}

function throughCasts(view: GraphView, value: string): string {
  let current = value;
  for (let steps = 0; steps < 8; steps++) {
    const node = view.maker(current);
    if (!node || !isOp(node, 'Cast', 'Identity')) return current;
    current = node.inputs[0];
  }
  return current;
}

function scalarOf(view: GraphView, value: string): number | undefined {
  const tensor = view.tensor(value);
  const values = tensor && floatsOf(tensor);
  return values?.length === 1 ? values[0] : undefined;
}

/** Follows mean → + ε → √ → (1/·) to the node that scales `squared` by it. */
function dividedByRoot(view: GraphView, mean: string, squared: string): string | undefined {
  let value = mean;
  for (let steps = 0; steps < 6; steps++) {
    const next = view.uses(value).map(({ node }) => view.nodes[node]);
    const scaling = next.find((node) => scales(view, node, value, squared));
    if (scaling) return scaling.outputs[0];
    const step = next.find((node) => isRootStep(view, node));
    if (!step) return undefined;
    value = step.outputs[0];
  }
  return undefined;
}

function scales(view: GraphView, node: Node, root: string, squared: string): boolean {
  if (!isOp(node, 'Div', 'Mul')) return false;
  const other = node.inputs[0] === root ? node.inputs[1] : node.inputs[0];
  return throughCasts(view, other) === throughCasts(view, squared);
}

function isRootStep(view: GraphView, node: Node): boolean {
  if (isOp(node, 'Sqrt', 'Reciprocal', 'Cast', 'Identity')) return true;
  if (isOp(node, 'Add', 'Max')) return node.inputs.some((value) => view.isConstant(value));
  if (isOp(node, 'Pow')) return view.isConstant(node.inputs[1]);
  return isOp(node, 'Div') && view.isConstant(node.inputs[0]);
}

/** Goes past ⊙ γ, + β and casts, each at most once, as long as the value has no other use. */
function affineOutput(view: GraphView, scaled: string, kind: NormKind): string {
  let value = scaled;
  const left = new Set(kind === 'layer-norm' ? ['Mul', 'Add'] : ['Mul']);
  for (;;) {
    const uses = view.uses(value);
    if (uses.length !== 1 || view.outputs.has(value)) return value;
    const node = view.nodes[uses[0].node];
    if (!isOp(node, 'Cast')) {
      if (!isOp(node, ...left)) return value;
      if (!isVector(view, node.inputs[1 - uses[0].slot])) return value;
      left.delete(node.opType);
      if (node.opType === 'Add') left.delete('Mul');
    }
    value = node.outputs[0];
  }
}

function isVector(view: GraphView, value: string): boolean {
  if (!view.isConstant(value)) return false;
  const dims = view.tensor(value)?.dims;
  return dims === undefined || (dims.length >= 1 && dims.slice(0, -1).every((d) => d === 1));
}

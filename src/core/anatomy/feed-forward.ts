import type { Node } from '../onnx/types.ts';
import type { Linear } from './linear.ts';
import { isActivation, isOp } from './operators.ts';
import { factorBefore, inputSource } from './parts.ts';
import type { Parts } from './parts.ts';
import { dataInputs, walk } from './walk.ts';

/** linear → activation (→ ⊙ second linear) → linear. */
export interface FeedForward {
  readonly down: Linear;
  /** The maps into the wide layer: up (with what is added to it), or one that holds gate and up. */
  readonly up: readonly Linear[];
  readonly gate: readonly Linear[];
  /** One linear map makes both halves of a gated feed-forward. */
  readonly fusedGate: boolean;
  readonly width?: number;
  /** Operator type of the first activation met. */
  readonly activation: string;
}

/**
 * Tests whether a linear map is the way back of a feed-forward part: behind its input, through
 * elementwise operators with an activation among them, stand only linear maps of one input.
 * `excluded` are linear maps with another role (attention).
 */
export function matchFeedForward(
  parts: Parts,
  down: Linear,
  excluded: ReadonlySet<Linear>,
): FeedForward | undefined {
  const first = factorBefore(parts, down) ?? down;
  const behind = lookBehind(parts, first.input);
  const { linears, activation } = behind;
  if (activation === undefined || linears.length === 0) return undefined;
  if (linears.some((linear) => excluded.has(linear) || linear === down)) return undefined;
  if (new Set(linears.map((linear) => inputSource(parts, linear))).size !== 1) return undefined;
  const gate = linears.length > 1 ? gateOf(parts, first.input) : [];
  const fusedGate = linears.length === 1 && behind.split;
  const full = linears[0].outFeatures;
  const width = first.inFeatures ?? (fusedGate && full !== undefined ? full / 2 : full);
  const up = linears.filter((linear) => !gate.includes(linear));
  return { down, up, gate, fusedGate, width, activation };
}

interface Behind {
  readonly linears: readonly Linear[];
  readonly activation?: string;
  /** The wide values are cut in parts on the way. */
  readonly split: boolean;
}

function lookBehind(parts: Parts, start: string): Behind {
  const { view } = parts;
  const linears: Linear[] = [];
  let activation: string | undefined;
  let split = false;
  walk([start], (value) => {
    const linear = parts.linearMaking.get(value);
    if (linear) {
      linears.push(linear);
      return [];
    }
    const norm = parts.normMaking.get(value);
    if (norm) return [norm.input];
    const node = view.maker(value);
    if (!node) return [];
    if (isActivation(node)) {
      activation ??= node.opType;
      return node.inputs.slice(0, 1);
    }
    split ||=
      isOp(node, 'Split', 'Slice') ||
      node.opType === 'BiasSplitGelu' ||
      (isOp(node, 'Gather') && !view.isConstant(value));
    return dataInputs(view, node, value);
  });
  return { linears, activation, split };
}

/** Of the two sides of the ⊙ that joins different linear maps, the gate is the one behind an activation. */
function gateOf(parts: Parts, start: string): readonly Linear[] {
  const sides = firstProduct(parts, start)?.map((value) => lookBehind(parts, value));
  return sides?.find(({ activation }) => activation !== undefined)?.linears ?? [];
}

/** The operands of the ⊙ nearest to `start` that joins different linear maps. */
function firstProduct(parts: Parts, start: string): readonly string[] | undefined {
  const { view } = parts;
  let found: readonly string[] | undefined;
  walk([start], (value) => {
    const node = view.maker(value);
    if (!node || parts.linearMaking.has(value)) return [];
    if (isOp(node, 'Mul') && joinsDifferent(parts, node.inputs)) {
      found = node.inputs;
      return 'done';
    }
    return isActivation(node) ? node.inputs.slice(0, 1) : dataInputs(view, node, value);
  });
  return found;
}

function joinsDifferent(parts: Parts, operands: readonly string[]): boolean {
  const [first, second] = operands.map((value) => lookBehind(parts, value).linears);
  return first.length > 0 && second.length > 0 && !first.some((linear) => second.includes(linear));
}

/**
 * True for a product of two values that both vary, one of them behind an activation: the x·σ(x) that
 * a written-out activation ends in, or a gate. Neither the stream nor a branch goes through one.
 */
export function isActivatedProduct(parts: Parts, node: Node): boolean {
  if (!isOp(node, 'Mul')) return false;
  const varying = node.inputs.filter((value) => !parts.view.isConstant(value));
  return (
    varying.length === 2 &&
    varying.some((value) => lookBehind(parts, value).activation !== undefined)
  );
}

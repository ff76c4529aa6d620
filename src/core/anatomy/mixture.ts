import { intAttribute } from '../onnx/graph/attributes.ts';
import type { Node } from '../onnx/types.ts';
import type { FeedForward } from './feed-forward.ts';
import type { Linear } from './linear.ts';
import { isActivation, isArithmetic, isFused, isMove, isOp } from './operators.ts';
import type { Parts } from './parts.ts';
import { sourceOf } from './parts.ts';
import { isSkipNorm } from './residual.ts';
import type { Join } from './residual.ts';
import { integersOf } from './view.ts';
import { dataInputs, walk } from './walk.ts';

/**
 * A mixture of experts: y = Σ over the k largest of softmax(x·Wᵣ) of weight · expert(x). Each expert is a
 * feed-forward part of its own; what decides between them is the router.
 * @see Shazeer et al. 2017, arXiv:1701.06538, §2
 */
export interface Mixture {
  readonly router: Linear;
  readonly experts: readonly FeedForward[];
  /** Scores that the router gives: shared experts, which always run, are not among them. */
  readonly count: number;
  readonly topK?: number;
  readonly join: Join;
}

/**
 * Mixtures whose experts are unrolled in the graph: a linear map whose scores a TopK (or an ArgMax)
 * chooses from, and two or more of the feed-forward `candidates` that read the same value, some rows of
 * it or all.
 */
export function findMixtures(parts: Parts, candidates: readonly FeedForward[]): Mixture[] {
  return [...routers(parts)].flatMap(([router, choice]) => {
    const start = behindPicks(parts, router.input);
    const experts = candidates.filter(({ up }) => behindPicks(parts, up[0].input) === start);
    const join = experts.length > 1 ? findMixtureJoin(parts, experts, start) : undefined;
    if (join === undefined) return [];
    const count = router.outFeatures ?? experts.length;
    return [{ router, experts, count, topK: chosen(parts, choice), join }];
  });
}

/** onnxruntime's own operator for a whole mixture; its weights are no layers. */
export interface FusedMixture {
  readonly node: number;
  readonly router?: Linear;
  readonly count?: number;
  readonly topK: number;
  /** Values of the stream that it reads from. */
  readonly stream: ReadonlySet<string>;
}

/** Every com.microsoft MoE and QMoE of the graph. */
export function findFusedMixtures(parts: Parts): FusedMixture[] {
  const { view, dimsOf } = parts;
  return view.nodes.flatMap((node, index) => {
    if (!isFused(node, 'MoE', 'QMoE')) return [];
    const [router] = scorers(parts, node.inputs[1]);
    const count = dimsOf(node.inputs[2])?.[0] ?? router?.outFeatures;
    const stream = streamBehind(parts, behindPicks(parts, node.inputs[0]));
    return [{ node: index, router, count, topK: intAttribute(node, 'k', 1), stream }];
  });
}

/** Linear maps whose scores are chosen from, with the last node that chooses. */
function routers(parts: Parts): ReadonlyMap<Linear, Node> {
  const found = new Map<Linear, Node>();
  for (const node of parts.view.nodes) {
    if (!isOp(node, 'TopK', 'ArgMax')) continue;
    const [linear, ...others] = scorers(parts, node.inputs[0]);
    if (linear !== undefined && others.length === 0) found.set(linear, node);
  }
  return found;
}

/** The linear maps that scores come from, through softmax, masking and the like. */
function scorers(parts: Parts, scores: string): Linear[] {
  const { view } = parts;
  const found: Linear[] = [];
  walk([scores], (value) => {
    const linear = parts.linearMaking.get(value);
    if (linear) {
      found.push(linear);
      return [];
    }
    const node = view.maker(value);
    if (!node || view.isConstant(value)) return [];
    if (isOp(node, 'Softmax', 'LogSoftmax') || isActivation(node)) return node.inputs.slice(0, 1);
    return dataInputs(view, node, value);
  });
  return found;
}

/** The value that a part reads, whichever of its rows: {@link sourceOf} seen through Gather. */
function behindPicks(parts: Parts, start: string): string {
  const { view } = parts;
  let value = sourceOf(parts, start);
  for (let steps = 0; steps < 16 && !parts.normMaking.has(value); steps++) {
    const node = view.maker(value);
    if (!node || !isOp(node, 'Gather', 'GatherND', 'GatherElements')) return value;
    value = sourceOf(parts, node.inputs[0]);
  }
  return value;
}

/** k of the TopK; an ArgMax takes one. */
function chosen({ view, dimsOf }: Parts, node: Node): number | undefined {
  if (isOp(node, 'ArgMax')) return 1;
  const [k] = integersOf(view.tensor(node.inputs[1] ?? '')) ?? [];
  return k ?? intAttribute(node, 'k') ?? dimsOf(node.outputs[0])?.at(-1);
}

/** The add that joins the experts' sum to the stream the mixture reads from; sums of experts come before. */
function findMixtureJoin(
  parts: Parts,
  experts: readonly FeedForward[],
  start: string,
): Join | undefined {
  const { view } = parts;
  const stream = streamBehind(parts, start);
  let found: Join | undefined;
  const ends = experts.map(({ down }) => down.output);
  walk(ends, (value) => {
    const onward: string[] = [];
    for (const { node: index, slot } of view.uses(value)) {
      const node = view.nodes[index];
      const join = joinsStream(parts, node, index, slot, stream);
      if (join) {
        found = { ...join, added: value };
        return 'done';
      }
      if (gathers(parts, node)) onward.push(...node.outputs);
    }
    return onward;
  });
  return found;
}

/** What the stream is called before the norm in front of a part, and at the part itself (post-norm). */
function streamBehind(parts: Parts, start: string): ReadonlySet<string> {
  const norm = parts.normMaking.get(start);
  const maker = parts.view.maker(start);
  return new Set([
    start,
    ...(norm ? [sourceOf(parts, norm.input)] : []),
    ...(maker && isSkipNorm(maker) ? maker.outputs : []),
  ]);
}

function joinsStream(
  parts: Parts,
  node: Node,
  index: number,
  slot: number,
  stream: ReadonlySet<string>,
): Omit<Join, 'added'> | undefined {
  if (slot > 1 || !(isOp(node, 'Add') || isSkipNorm(node))) return undefined;
  const skip = node.inputs[1 - slot];
  if (!stream.has(sourceOf(parts, skip))) return undefined;
  const after = isSkipNorm(node) ? node.outputs[3] || node.outputs[0] : node.outputs[0];
  return { node: index, skip, after };
}

/** What weighs, places and adds the results of experts. */
function gathers(parts: Parts, node: Node): boolean {
  if (parts.linearMaking.has(node.outputs[0])) return false;
  return (
    isMove(node) ||
    isArithmetic(node) ||
    isOp(node, 'ScatterElements', 'ScatterND', 'Scatter', 'Concat', 'Gather', 'GatherND') ||
    isOp(node, 'GatherElements', 'ReduceSum', 'MatMul', 'Einsum')
  );
}

import { ancestors } from './ancestors.ts';
import type { BlockPlan } from './block-plan.ts';
import type { Linear } from './linear.ts';
import type { Parts } from './parts.ts';
import type { GraphView } from './view.ts';

/**
 * The nodes of one block: all between its entry and its exit, those between a cross-attention's
 * projections and its exit, and what only feeds them from constants (transposed weights).
 * Indices ascend.
 */
export function nodesOfBlock(
  parts: Parts,
  plan: BlockPlan,
  linears: readonly Linear[],
  boundaries: readonly string[],
): number[] {
  const { view } = parts;
  const entries = entryValues(view, plan.input);
  const stops = boundaries.filter((value) => value !== plan.output);
  const behind = ancestors(view, plan.output, [...entries, ...stops]);
  const inside = reachable(view, entries, linears, behind);
  addConstantFeeders(view, inside);
  return [...inside].sort((a, b) => a - b);
}

/** A fused norm hands the stream on twice, raw and normed: both are the block's entry. */
function entryValues(view: GraphView, input: string): readonly string[] {
  return view.maker(input)?.outputs.filter((value) => value !== '') ?? [input];
}

/** Nodes of `within` that depend on an entry or a linear map of the block. */
function reachable(
  view: GraphView,
  entries: readonly string[],
  linears: readonly Linear[],
  within: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>();
  const open = entries.flatMap((value) => view.uses(value).map(({ node }) => node));
  open.push(...linears.map(({ node }) => node));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next) || !within.has(next)) continue;
    found.add(next);
    for (const value of view.nodes[next].outputs) {
      if (value !== '') open.push(...view.uses(value).map(({ node }) => node));
    }
  }
  return found;
}

/** Nodes that compute from initializers alone what only this block reads. */
function addConstantFeeders(view: GraphView, inside: Set<number>): void {
  const open = [...inside];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const value of view.nodes[next].inputs) {
      const maker = view.producer(value);
      if (maker === undefined || inside.has(maker) || !view.isConstant(value)) continue;
      const readers = view.nodes[maker].outputs.flatMap((output) => view.uses(output));
      if (!readers.every(({ node }) => inside.has(node))) continue;
      inside.add(maker);
      open.push(maker);
    }
  }
}

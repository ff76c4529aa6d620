import { nodesOfBlock } from './block-nodes.ts';
import { isAttending, isFeeding } from './block-plan.ts';
import type { BlockPlan } from './block-plan.ts';
import { allOf } from './branches.ts';
import { headSizes } from './heads.ts';
import type { Linear } from './linear.ts';
import { factorBefore } from './parts.ts';
import type { FusedMixture } from './mixture.ts';
import type { Parts } from './parts.ts';
import { subLayersOf } from './sub-layers.ts';
import type { Block } from './types.ts';

/** The block as the anatomy reports it. */
export function describeBlock(
  parts: Parts,
  plan: BlockPlan,
  index: number,
  boundaries: readonly string[],
  fused: readonly FusedMixture[],
): Block {
  const { branches, stack, input, output } = plan;
  const attentions = branches.filter(isAttending);
  const self = attentions.find(({ around }) => !around.cross) ?? attentions[0];
  const { feedForward: feeding, mixture } = branches.find(isFeeding) ?? {};
  const whole = fused.find(({ stream }) => branches.some(({ join }) => stream.has(join.after)));
  const experts = mixture ?? whole;
  const linears = linearsOf(parts, plan);
  const names = linears.flatMap(({ node }) => parts.found.byNode.get(node)?.name ?? []);
  return {
    index,
    stack,
    ...(self ? headSizes(parts, self.core, self.around) : {}),
    feedForwardWidth: feeding?.width,
    gated: feeding && (feeding.fusedGate || feeding.gate.length > 0),
    ...(experts && { experts: experts.count, topK: experts.topK }),
    crossAttention: attentions.some(({ around }) => around.cross),
    input,
    output,
    subLayers: subLayersOf(plan),
    nodes: nodesOfBlock(parts, plan, linears, boundaries),
    layers: [...new Set(names)],
  };
}

/** The block's linear maps in graph order, each once, factors included. */
export function linearsOf(parts: Parts, { branches }: BlockPlan): Linear[] {
  const all = branches.flatMap((branch) => {
    if (isAttending(branch)) return allOf(branch.around);
    const { up, gate, down } = branch.feedForward;
    const router = branch.mixture ? [branch.mixture.router] : [];
    return [...router, ...gate, ...up, down];
  });
  const factors = all.flatMap((linear) => factorBefore(parts, linear) ?? []);
  return [...new Set([...all, ...factors])].sort((x, y) => x.node - y.node);
}

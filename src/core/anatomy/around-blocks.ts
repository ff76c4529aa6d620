import type { BlockPlan } from './block-plan.ts';
import type { Parts } from './parts.ts';
import type { Roles } from './roles.ts';
import type { Block } from './types.ts';
import { walk } from './walk.ts';

/**
 * Sets the role of linear maps that lie outside of all blocks and lead into a residual stream (a narrow
 * embedding made wide, convolutions in front of it) or away from its end (a pooler, the way into a space
 * that two towers share), and that have no role yet.
 */
export function setProjectionRoles(
  parts: Parts,
  roles: Roles,
  plans: readonly BlockPlan[],
  blocks: readonly Pick<Block, 'nodes'>[],
): void {
  const inside = new Set(blocks.flatMap(({ nodes }) => nodes));
  const [starts, ends] = streamEnds(plans);
  const before = valuesBefore(parts, starts);
  const behind = valuesBehind(parts, ends);
  for (const { node, input, output } of parts.found.linears) {
    if (roles.has(node) || inside.has(node)) continue;
    if (before.has(output) || behind.has(input)) roles.set(node, 'projection');
  }
}

/** Where streams begin and where they end. */
function streamEnds(plans: readonly BlockPlan[]): readonly [readonly string[], readonly string[]] {
  const inputs = new Set(plans.map(({ input }) => input));
  const outputs = new Set(plans.map(({ output }) => output));
  return [
    [...inputs].filter((value) => !outputs.has(value)),
    [...outputs].filter((value) => !inputs.has(value)),
  ];
}

function valuesBefore({ view }: Parts, starts: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  walk(starts, (value) => {
    seen.add(value);
    return view.maker(value)?.inputs ?? [];
  });
  return seen;
}

function valuesBehind({ view }: Parts, ends: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  walk(ends, (value) => {
    seen.add(value);
    return view.uses(value).flatMap(({ node }) => view.nodes[node].outputs);
  });
  return seen;
}

import { allOf } from './branches.ts';
import type { Attention, FoundBranches } from './branches.ts';
import type { Beginning } from './embeddings.ts';
import type { FeedForward } from './feed-forward.ts';
import { factorBefore } from './parts.ts';
import type { Parts } from './parts.ts';
import type { Role, RoleGroup } from './types.ts';

const GROUPS: Readonly<Record<Role, RoleGroup>> = {
  query: 'attention',
  key: 'attention',
  value: 'attention',
  'query-key-value': 'attention',
  'attention-output': 'attention',
  gate: 'feed-forward',
  up: 'feed-forward',
  'gate-up': 'feed-forward',
  down: 'feed-forward',
  router: 'other',
  embedding: 'embedding',
  'position-embedding': 'embedding',
  patch: 'embedding',
  'output-head': 'output-head',
  projection: 'other',
  other: 'other',
};

/** The group a role belongs to, as recipes target it. */
export function groupOf(role: Role): RoleGroup {
  return GROUPS[role];
}

/** Roles by node index. */
export type Roles = Map<number, Role>;

/** Sets the roles of all linear maps in attention and feed-forward parts, their factors included. */
export function setBranchRoles(parts: Parts, roles: Roles, found: FoundBranches): void {
  for (const attention of found.attentions) setAttentionRoles(roles, attention);
  for (const branch of found.branches) {
    if (branch.kind !== 'feed-forward') continue;
    setFeedForwardRoles(roles, branch.feedForward);
    if (branch.mixture) roles.set(branch.mixture.router.node, 'router');
  }
  for (const { router } of found.fusedMixtures) if (router) roles.set(router.node, 'router');
  setFactorRoles(parts, roles);
}

/** Linear maps that turn raw input into the stream. */
export function setPatchRoles(roles: Roles, beginnings: readonly Beginning[]): void {
  for (const { node } of beginnings.flatMap(({ patches }) => patches)) {
    if (!roles.has(node)) roles.set(node, 'patch');
  }
}

/** A map that feeds more than one of q, k, v makes them packed. */
function setAttentionRoles(roles: Roles, { around }: Attention): void {
  const { query, key, value, output } = around;
  for (const linear of new Set(allOf(around))) {
    const uses = [query, key, value].filter((list) => list.includes(linear)).length;
    if (uses > 1) roles.set(linear.node, 'query-key-value');
    else if (query.includes(linear)) roles.set(linear.node, 'query');
    else if (key.includes(linear)) roles.set(linear.node, 'key');
    else if (value.includes(linear)) roles.set(linear.node, 'value');
    else if (output.includes(linear)) roles.set(linear.node, 'attention-output');
  }
}

/** up and down, gate and up and down, or gate-up and down. */
function setFeedForwardRoles(roles: Roles, found: FeedForward): void {
  for (const { node } of found.up) roles.set(node, found.fusedGate ? 'gate-up' : 'up');
  for (const { node } of found.gate) roles.set(node, 'gate');
  roles.set(found.down.node, 'down');
}

/** The first factor of a map split in two (low rank, adapter) has the role of the second. */
function setFactorRoles(parts: Parts, roles: Roles): void {
  for (const linear of parts.found.linears) {
    const role = roles.get(linear.node);
    const before = factorBefore(parts, linear);
    if (role && before && !roles.has(before.node)) roles.set(before.node, role);
  }
}

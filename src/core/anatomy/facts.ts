import type { BlockPlan } from './block-plan.ts';
import type { FoundBranches } from './branches.ts';
import type { Beginning } from './embeddings.ts';
import { mostFrequent } from './group.ts';
import type { Linear } from './linear.ts';
import type { NormKind } from './norms.ts';
import { isFused } from './operators.ts';
import type { Parts } from './parts.ts';
import type { Roles } from './roles.ts';
import type { Table } from './tables.ts';
import type { Anatomy } from './types.ts';

/** Width of the residual stream: what most branches end in. */
export function hiddenSizeOf(plans: readonly BlockPlan[]): number | undefined {
  const ends = plans.flatMap(({ branches }) =>
    branches.flatMap((branch) =>
      branch.kind === 'attention' ? branch.around.output : [branch.feedForward.down],
    ),
  );
  return mostFrequent(ends.flatMap(({ outFeatures }) => outFeatures ?? []));
}

/** Rows of the token table; of the last stack's, where several have one. */
export function vocabularyOf(
  parts: Parts,
  tokens: readonly Table[],
  beginnings: readonly Beginning[],
): number | undefined {
  const fused = beginnings.flatMap(
    ({ fused: node }) => parts.dimsOf(node?.inputs[2] ?? '')?.[0] ?? [],
  );
  return tokens.flatMap(({ rows }) => rows ?? []).at(-1) ?? fused.at(-1);
}

/** An output head and a token table that may hold the same values. */
export interface HeadAndTable {
  readonly head: Linear;
  readonly table: Table;
}

/** An anatomy with the pairs of head and table whose values decide whether the head is tied. */
export interface Recognised {
  readonly anatomy: Anatomy;
  readonly pairs: readonly HeadAndTable[];
}

/** Every output head with every token table. */
export function headsAndTables(
  heads: readonly Linear[],
  tables: readonly Table[],
): readonly HeadAndTable[] {
  return heads.flatMap((head) => tables.map((table) => ({ head, table })));
}

/** From what is known of each pair. Undefined when there is no pair, or one whose bytes are not at hand. */
export function tiedHeadOf(results: readonly (boolean | undefined)[]): boolean | undefined {
  if (results.includes(true)) return true;
  return results.includes(undefined) ? undefined : results.length > 0 ? false : undefined;
}

/** The kind most norms of the graph have, those fused with a residual add included. */
export function normalizationOf(parts: Parts): NormKind | undefined {
  const kinds = parts.norms.map(({ kind }) => kind);
  for (const node of parts.view.nodes) {
    if (isFused(node, 'SkipLayerNormalization', 'EmbedLayerNormalization'))
      kinds.push('layer-norm');
    if (isFused(node, 'SkipSimplifiedLayerNormalization')) kinds.push('rms-norm');
  }
  return mostFrequent(kinds);
}

/** Rotation inside attention, else positions added to the start of a stream. */
export function positionsOf(
  found: FoundBranches,
  roles: Roles,
  beginnings: readonly Beginning[],
): Anatomy['positions'] {
  if (found.attentions.some(({ around }) => around.rotary)) return 'rotary';
  const learned = beginnings.some(
    ({ tables, addedPositions, fused }) =>
      addedPositions ||
      Boolean(fused?.inputs[3]) ||
      tables.some(({ node }) => roles.get(node) === 'position-embedding'),
  );
  return learned ? 'learned' : 'none';
}

/** The activation of the first feed-forward part. */
export function activationOf({ branches }: FoundBranches): string | undefined {
  for (const branch of branches) {
    if (branch.kind === 'feed-forward') return branch.feedForward.activation;
  }
  return undefined;
}

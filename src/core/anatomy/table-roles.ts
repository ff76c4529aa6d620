import type { Beginning } from './embeddings.ts';
import type { Linear } from './linear.ts';
import { isFused, isMove } from './operators.ts';
import { sharesWeight } from './output-head.ts';
import type { Parts } from './parts.ts';
import type { Roles } from './roles.ts';
import type { Table } from './tables.ts';
import { walk } from './walk.ts';

/**
 * Sets the roles of look-up tables and returns the token tables, one per stream that has one.
 * A table that reaches a softmax without passing the stream is a relative position bias.
 */
export function setTableRoles(
  parts: Parts,
  roles: Roles,
  beginnings: readonly Beginning[],
  heads: readonly Linear[],
): Table[] {
  const tokens: Table[] = [];
  for (const { tables } of beginnings) {
    const { token, positions } = sortTables(parts, tables, heads);
    if (token) tokens.push(token);
    for (const table of tables) roles.set(table.node, 'embedding');
    for (const table of positions) roles.set(table.node, 'position-embedding');
  }
  for (const table of parts.found.tables) {
    if (roles.has(table.node)) continue;
    roles.set(table.node, biasesScores(parts, table) ? 'position-embedding' : 'embedding');
  }
  return tokens;
}

/** True when a looked-up value is added to attention scores. */
function biasesScores({ view }: Parts, table: Table): boolean {
  let found = false;
  walk([table.output], (value) =>
    view.uses(value).flatMap(({ node: index, slot }) => {
      const node = view.nodes[index];
      found ||= isFused(node, 'Softmax', 'MultiHeadAttention', 'Attention');
      const goesOn = isMove(node) ? slot === 0 : ['Add', 'Concat', 'Where'].includes(node.opType);
      return goesOn && !found ? node.outputs : [];
    }),
  );
  return found;
}

interface SortedTables {
  readonly token?: Table;
  readonly positions: readonly Table[];
}

/**
 * Tells token, position and token-type tables of one stream apart. The token table is the one the
 * output head shares or matches in size; else one looked up by a graph input, with the most rows.
 * Positions are mostly computed (ranges, cumulative sums); token types have but a few rows.
 */
function sortTables(
  parts: Parts,
  tables: readonly Table[],
  heads: readonly Linear[],
): SortedTables {
  const score = (table: Table) => {
    const shared = heads.some((head) => sharesWeight(head, table));
    // A head of two classes is as large as BERT's table of token types, and says nothing about it.
    const large = (table.rows ?? 0) > FEW_TYPES;
    const sized = large && heads.some(({ outFeatures }) => outFeatures === table.rows);
    return (shared ? 8 : 0) + (sized ? 4 : 0) + (isDirect(parts, table.indices) ? 2 : 0);
  };
  const ranked = [...tables].sort(
    (a, b) => score(b) - score(a) || (b.rows ?? 0) - (a.rows ?? 0) || a.node - b.node,
  );
  const [token, ...others] = ranked;
  const direct = others.filter((table) => isDirect(parts, table.indices));
  const largest = Math.max(...direct.map(({ rows }) => rows ?? 0));
  const positions = others.filter((table) => {
    const rows = table.rows ?? 0;
    if (!direct.includes(table)) return rows > FEW_TYPES;
    return direct.length > 1 ? rows === largest : rows > MANY_TYPES;
  });
  return { token, positions };
}

/** Token types: two in BERT, one in RoBERTa. */
const FEW_TYPES = 4;
const MANY_TYPES = 16;

/** True when the indices are a graph input as it came. */
function isDirect({ view }: Parts, indices: string): boolean {
  let value = indices;
  for (let steps = 0; steps < 8; steps++) {
    if (view.inputs.has(value)) return true;
    const node = view.maker(value);
    if (!node || !isMove(node)) return false;
    value = node.inputs[0];
  }
  return false;
}

import { LatheError } from '../../errors/lathe-error.ts';
import { freshName } from '../graph/edit-state.ts';
import { opsetOf } from '../graph/opset.ts';
import { canonicalDomain } from '../operators/table.ts';
import type { FunctionBody } from '../proto/function.ts';
import { raiseModel, raiseNodes } from '../raise/raise.ts';
import type { Model, OperatorSet } from '../types.ts';
import type { CalledFunction, FunctionKey } from './call-graph.ts';

/** The model and its functions in one operator set; functions that cannot be brought there. */
export interface Agreed {
  readonly model: Model;
  readonly usable: readonly { readonly key: FunctionKey; readonly body: FunctionBody }[];
  readonly left: readonly { readonly key: FunctionKey; readonly reason: string }[];
}

/**
 * Every function names the operator sets its nodes are written in. They are brought to the newest of
 * them and the model's, as a graph has one; a function that cannot be is left.
 */
export function commonOpset(model: Model, called: readonly CalledFunction[]): Agreed {
  const usable: { key: FunctionKey; body: FunctionBody }[] = [];
  const left: { key: FunctionKey; reason: string }[] = [];
  const [whole, broken] = [called.filter((f) => f.body), called.filter((f) => !f.body)];
  for (const { key, reason = '' } of broken) left.push({ key, reason });
  const newest = Math.max(opsetOf(model, ''), ...whole.map(({ body }) => versionOf(body)));
  const raised = attempt(() => raiseModel(model, newest));
  const base = typeof raised === 'string' ? model : raised;
  const version = opsetOf(base, '');
  for (const { key, body } of whole) {
    const made = body && attempt(() => raisedBody(body, version));
    if (typeof made === 'string') left.push({ key, reason: made });
    else if (made) usable.push({ key, body: made });
  }
  const sets = usable.flatMap(({ body }) => body.opsets);
  return { model: { ...base, opsets: united(base.opsets, sets) }, usable, left };
}

const STANDARD = (set: OperatorSet): boolean => canonicalDomain(set.domain) === '';

function versionOf(body: FunctionBody | undefined): number {
  return body?.opsets.find(STANDARD)?.version ?? 0;
}

function raisedBody(body: FunctionBody, to: number): FunctionBody | string {
  const from = versionOf(body);
  if (from > to) {
    return `it is written in operator set ${from} and the model, in ${to}, could not be brought there`;
  }
  // A function that names no standard set has no standard operator in it.
  if (from === to || from === 0) return body;
  const names = new Set(body.nodes.flatMap((node) => [...node.inputs, ...node.outputs]));
  const setting = {
    fresh: (prefix: string) => freshName(names, prefix),
    typeOf: () => undefined,
    rankOf: () => undefined,
  };
  return { ...body, nodes: raiseNodes(body.nodes, { from, to, setting }) };
}

function attempt<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    return error.message;
  }
}

/** The model's sets and those further ones that functions bring along, each in its newest version. */
function united(
  own: readonly OperatorSet[],
  further: readonly OperatorSet[],
): readonly OperatorSet[] {
  const versions = new Map<string, number>();
  for (const { domain, version } of further) {
    const name = canonicalDomain(domain);
    if (name !== '') versions.set(name, Math.max(version, versions.get(name) ?? 0));
  }
  for (const { domain } of own) versions.delete(canonicalDomain(domain));
  return [...own, ...[...versions].map(([domain, version]) => ({ domain, version }))];
}

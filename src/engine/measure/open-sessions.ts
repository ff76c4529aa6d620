import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { Contender } from '../../runtime/evaluate/types.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import type { PreparedEvaluation } from '../data/evaluation.ts';

/** Opens sessions one after another, hands them over, and releases all of them whatever happens. */
export async function withSessions<T>(
  openers: readonly (() => Promise<Session>)[],
  work: (sessions: readonly Session[]) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const sessions: Session[] = [];
  try {
    for (const open of openers) {
      throwIfCancelled(signal);
      sessions.push(await open());
    }
    return await work(sessions);
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** The other part of an encoder-decoder, where measuring needs it. */
export function siblingOpeners(
  runtime: Runtime,
  { sibling }: Pick<PreparedEvaluation, 'sibling'>,
): (() => Promise<Session>)[] {
  return sibling === undefined ? [] : [() => runtime.open(sibling)];
}

/** Two models side by side, with the part that both need beside them. */
export function contendersOf(original: Session, model: Session, sibling: Session | undefined) {
  const both = { original: { session: original }, model: { session: model } };
  return { ...both, ...(sibling && { sibling }) } satisfies {
    readonly original: Contender;
    readonly model: Contender;
    readonly sibling?: Session;
  };
}

import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { Contender, Contenders, Siblings } from '../../runtime/evaluate/types.ts';
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

type Prepared = Pick<PreparedEvaluation, 'siblings' | 'primer'>;

const PARTS = ['encoder', 'decoder'] as const;

/** The other parts of an encoder-decoder, where measuring needs them. */
export function siblingOpeners(
  runtime: Runtime,
  { siblings = {} }: Prepared,
): (() => Promise<Session>)[] {
  return PARTS.flatMap((part) => {
    const model = siblings[part];
    return model === undefined ? [] : [() => runtime.open(model)];
  });
}

/** Siblings out of the sessions that {@link siblingOpeners} opened. */
export function openedSiblings(
  sessions: readonly Session[],
  { siblings = {} }: Prepared,
): Siblings | undefined {
  const known = PARTS.filter((part) => siblings[part] !== undefined);
  if (known.length === 0) return undefined;
  return Object.fromEntries(known.map((part, index) => [part, sessions[index]]));
}

/** Two models side by side, with the parts that both need behind them. */
export function contendersOf(
  [original, model, ...others]: readonly Session[],
  prepared: Prepared,
): Contenders & { readonly original: Contender } {
  const siblings = openedSiblings(others, prepared);
  // What makes a first cache is opened last.
  const primer = prepared.primer && others.at(-1);
  return {
    original: { session: original, ...(primer && { primer }) },
    model: { session: model, ...(primer && { primer }) },
    ...(siblings && { siblings }),
  };
}

import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { Session } from '../../runtime/types.ts';

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

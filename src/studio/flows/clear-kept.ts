import type { StoredKind } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { useOffline } from '../offline/offline.ts';

/** Frees what is kept of a kind. The page itself is kept anew at the next visit, by a worker installed again. */
export async function clearKept(kind: StoredKind): Promise<void> {
  await clients().engine.clearStorage(kind);
  if (kind !== 'app') return;
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.all(registrations.map((registration) => registration.unregister()));
  useOffline.setState({ ready: false });
}

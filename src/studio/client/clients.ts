import type { DeviceWish } from '../../../workers/protocol.ts';
import { threadOf } from '../../../workers/thread-link.ts';
import { DataClient } from './data-client.ts';
import { EngineClient } from './engine-client.ts';
import { PreviewClient } from './preview-client.ts';

export interface Clients {
  readonly engine: EngineClient;
  readonly preview: PreviewClient;
  readonly data: DataClient;
}

/** The real workers. The literal `new Worker(new URL(…))` form is the one Vite bundles. */
export function workerClients(wish: () => DeviceWish): Clients {
  return {
    engine: new EngineClient(
      () =>
        threadOf(
          new Worker(new URL('../../../workers/engine.worker.ts', import.meta.url), {
            type: 'module',
          }),
        ),
      wish,
    ),
    data: new DataClient(() =>
      threadOf(
        new Worker(new URL('../../../workers/data.worker.ts', import.meta.url), {
          type: 'module',
        }),
      ),
    ),
    preview: new PreviewClient(() =>
      threadOf(
        new Worker(new URL('../../../workers/preview.worker.ts', import.meta.url), {
          type: 'module',
        }),
      ),
    ),
  };
}

let current: Clients | undefined;

/** Set once by the entry file, before anything renders. */
export function setClients(clients: Clients): void {
  current = clients;
}

export function clients(): Clients {
  if (current === undefined) throw new Error('setClients must run before the first use of clients');
  return current;
}

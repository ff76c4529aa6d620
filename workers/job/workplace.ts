import { RunDevices } from '../../src/engine/run-devices.ts';
import type { Host } from '../../src/engine/host.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { Runner } from './run.ts';
import { SessionPair } from './session-pair.ts';
import { spokenPair, type Sides, type SpokenPair } from './spoken-pair.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import type { Pair } from './try-it.ts';
import { SiblingSessions } from './sibling-sessions.ts';

/** Sessions that stay open between two questions. */
export interface TrySessions {
  readonly pair: SessionPair;
  readonly siblings: SiblingSessions;
  /** The open pair in the tokens of the original, see {@link spokenPair}. */
  readonly spoken: (open: OpenModel, sides: Sides, pair: Pair) => Promise<SpokenPair>;
}

/** What a job thread works with, all on one device. */
export interface Workplace {
  readonly host: Host;
  readonly runner: Runner;
  /** Asks something of the open sessions; on fresh ones of WebAssembly where the graphics device fails. */
  readonly trying: <T>(ask: (sessions: TrySessions) => Promise<T>) => Promise<T>;
}

export function workplaceOf(host: Host): Workplace {
  const devices = new RunDevices(host);
  const store = new TrialStore(host.storage);
  let on = devices.device;
  let sessions = open();
  function open(): TrySessions {
    const { runtime } = devices;
    return {
      pair: new SessionPair(runtime, store),
      siblings: new SiblingSessions(runtime),
      spoken: (open, sides, pair) => spokenPair(store, open, sides, pair),
    };
  }
  function current(): TrySessions {
    if (on === devices.device) return sessions;
    on = devices.device;
    return (sessions = open());
  }
  return {
    host,
    runner: new Runner(host),
    trying: (ask) => devices.attempt(() => ask(current())),
  };
}

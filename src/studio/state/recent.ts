import type { Trial } from '../../../workers/protocol.ts';

/** A model that trials are kept of. */
export interface RecentModel {
  readonly sha256: string;
  readonly name: string;
  /** `sample:x`, `hf:org/name@rev` or an address; absent of files, which only their owner can bring. */
  readonly origin?: string;
  readonly trials: number;
  /** Of the newest trial, in milliseconds since 1970. */
  readonly at: number;
}

/** Where models came from, by hash: trials know their hash and name only. */
export type Origins = Readonly<Record<string, string>>;

const MODELS = 'lathe-recent';
const ORIGINS = 'lathe-origins';
/** As many as are offered, and as many places as are remembered. */
const MOST = { models: 3, origins: 30 };

/** The models of the kept trials, the one that was worked on last at the front. */
export function recentModels(trials: readonly Trial[], origins: Origins): readonly RecentModel[] {
  const groups = new Map<string, Trial[]>();
  for (const trial of trials) {
    if (trial.state !== 'done') continue;
    groups.set(trial.model.sha256, [...(groups.get(trial.model.sha256) ?? []), trial]);
  }
  return [...groups]
    .map(([sha256, group]) => {
      const origin = origins[sha256];
      return {
        ...{ sha256, name: group[0].model.name, trials: group.length },
        at: Math.max(...group.map(({ createdAt }) => createdAt)),
        ...(origin !== undefined && origin !== 'file' && { origin }),
      };
    })
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST.models);
}

export function rememberOrigin(sha256: string, origin: string): void {
  const others = Object.entries(knownOrigins()).filter(([known]) => known !== sha256);
  const newest = others.slice(1 - MOST.origins);
  write(ORIGINS, Object.fromEntries([...newest, [sha256, origin]]));
}

export function knownOrigins(): Origins {
  const known = read(ORIGINS);
  const isText = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === 'string';
  return typeof known === 'object' && known !== null
    ? Object.fromEntries(Object.entries(known).filter(isText))
    : {};
}

/** As of the last visit: it is there before any thread is. */
export function rememberedModels(): readonly RecentModel[] {
  const known = read(MODELS);
  return Array.isArray(known) ? known.filter(isRecent) : [];
}

export function rememberModels(models: readonly RecentModel[]): void {
  write(MODELS, models);
}

function isRecent(value: unknown): value is RecentModel {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, name, origin, trials, at } = value as Partial<Record<string, unknown>>;
  const known = origin === undefined || typeof origin === 'string';
  return (
    known &&
    [sha256, name].every((v) => typeof v === 'string') &&
    [trials, at].every(Number.isFinite)
  );
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage nobody is greeted by name.
  }
}

import type { CacheLayout } from '../../core/cache/layout.ts';
import { elementCount } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { cacheOf, readOn, rowsPerRun, tokensPerRun } from '../../runtime/cache-ports.ts';
import type { CaptureBatch } from '../../runtime/capture.ts';
import { firstCache } from '../../runtime/evaluate/first-cache.ts';
import { languageFeeds, realPositions, type Past } from '../../runtime/feeds.ts';
import { inputPorts, outputPorts } from '../../runtime/ports.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { concatenated, partOf } from '../../runtime/value-parts.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { OpenModel } from '../model/open.ts';
import { primerOf } from './primer.ts';

type Ids = ArrayLike<number>;

/** Windows of one length that run side by side. */
export type WindowGroup = readonly Ids[];

/** Caches that are fed to all runs together, at most: whoever looks at a model part by part holds all of them. */
const MOST_BYTES = 256e6;

/** The cache of a decoder that takes a fixed number of tokens a run, and so reads a text in many. */
export function steppedCache(open: Pick<OpenModel, 'model'>): CacheLayout | undefined {
  const inputs = inputPorts(open.model);
  if (tokensPerRun(inputs) === undefined) return undefined;
  return cacheOf({ inputs, outputs: outputPorts(open.model) });
}

/** Runs over these windows, at most. */
export function steppedRuns(
  open: Pick<OpenModel, 'model'>,
  groups: readonly WindowGroup[],
): number {
  const step = tokensPerRun(inputPorts(open.model)) ?? 1;
  return groups.reduce((sum, [first]) => sum + Math.ceil(first.length / step), 0);
}

/** Windows by length, as many side by side as the file lets run. */
export function windowGroups(windows: readonly Ids[], size: number): WindowGroup[] {
  const lengths = [...new Set(windows.map(({ length }) => length))];
  return lengths.flatMap((length) => {
    const alike = windows.filter((window) => window.length === length);
    return Array.from({ length: Math.ceil(alike.length / size) }, (_, k) =>
      alike.slice(k * size, (k + 1) * size),
    );
  });
}

/**
 * Runs of a decoder that reads a few tokens behind its cache, over all places of the windows (evenly chosen ones where
 * their caches would be too large together). The model reads each window once; what its cache was before each place is
 * a part of what it is in the end.
 */
export async function* steppedBatches(
  open: OpenModel,
  cache: CacheLayout,
  groups: readonly WindowGroup[],
  runtime: Runtime,
): AsyncGenerator<CaptureBatch> {
  const sessions: Session[] = [];
  const opened = async (model: OpenModel['model']): Promise<Session> => {
    const session = await runtime.open(model);
    sessions.push(session);
    return session;
  };
  try {
    const session = await opened(open.model);
    const made = await primerOf(open)?.model();
    const primer = made && { primer: await opened(made) };
    const first = await firstCache({ session, ...primer }, cache);
    for (const windows of groups) {
      const rows = filledUp(windows, rowsPerRun(session.inputs));
      const start = await first?.(rows.map((ids) => Array.from(ids).slice(0, 1)));
      const end = await readOn(session, cache, restOf(rows, start?.past), []);
      if (end.past === undefined) continue;
      yield* batchesOf(session, cache, rows, end.past, start ? 1 : 0, groups.length);
    }
  } finally {
    for (const session of sessions) await session.release();
  }
}

function restOf(rows: WindowGroup, past: Past | undefined) {
  const windows = rows.map((ids) => Array.from(ids).slice(past?.length ?? 0));
  return { windows, ...(past && { past }) };
}

function filledUp(windows: WindowGroup, fixed = windows.length): WindowGroup {
  return Array.from({ length: fixed }, (_, row) => windows[Math.min(row, windows.length - 1)]);
}

function* batchesOf(
  { inputs }: Session,
  cache: CacheLayout,
  rows: WindowGroup,
  end: Past,
  from: number,
  groups: number,
): Generator<CaptureBatch> {
  const length = tokensPerRun(inputs) ?? 1;
  for (const at of placesOf(cache, end, from, length, groups)) {
    const windows = rows.map((ids) => Array.from(ids).slice(at, at + length));
    const past = at === 0 ? undefined : { length: at, values: before(cache, end, at) };
    const batch = { windows, length, ...(past && { past }) };
    yield { feeds: languageFeeds(inputs, batch), mask: realPositions(batch) };
  }
}

/** Where runs begin: everywhere, or as often as their caches may be held. */
function placesOf(
  { kind }: CacheLayout,
  end: Past,
  from: number,
  step: number,
  groups: number,
): number[] {
  const bytes = Object.values(end.values).reduce(
    (sum, { dims }) => sum + 4 * elementCount(dims),
    0,
  );
  const all = Array.from(
    { length: Math.ceil((end.length - from) / step) },
    (_, k) => from + k * step,
  );
  const mean = kind === 'growing' ? bytes / 2 : bytes;
  const most = Math.max(1, Math.floor(MOST_BYTES / groups / mean));
  const apart = Math.max(1, all.length / most);
  return Array.from(
    { length: Math.ceil(all.length / apart) },
    (_, k) => all[Math.floor(k * apart)],
  );
}

/** What the cache was when it stood for `tokens` tokens. */
function before({ kind, pairs, capacity = 0 }: CacheLayout, end: Past, tokens: number): Feeds {
  const at = (value: Value, axis: number): Value => {
    if (kind === 'growing') return partOf(value, axis, 0, tokens);
    // Places that are not yet written are masked.
    if (kind === 'buffer') return value;
    const known = capacity - end.length;
    const empty = partOf(value, axis, 0, capacity - tokens);
    return concatenated([empty, partOf(value, axis, known, known + tokens)], axis);
  };
  return Object.fromEntries(
    pairs.map(({ past, axis }) => [past, at(end.values[past], axis)] as const),
  );
}

/** Web Locks tell which runs are going on, in this page and in others: they end with the thread that holds them. */
const PREFIX = 'lathe-run-';

export function canHoldRuns(): boolean {
  return 'locks' in navigator;
}

/** Marks a run as going on until it is let go. */
export function holdRun(id: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((letGo) => resolve(() => letGo()));
    // Shared: the same run in two pages is two runs.
    navigator.locks.request(PREFIX + id, { mode: 'shared' }, held).catch(reject);
  });
}

export async function runsGoingOn(): Promise<ReadonlySet<string>> {
  if (!canHoldRuns()) return new Set();
  const { held = [] } = await navigator.locks.query();
  const ids = held.flatMap(({ name = '' }) =>
    name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [],
  );
  return new Set(ids);
}

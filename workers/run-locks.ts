/** Web Locks tell which runs are going on, in this page and in others: they end with the thread that holds them. */
const KIND = 'lathe-run';

export function canHoldRuns(): boolean {
  return 'locks' in navigator;
}

/** Marks runs of a page as going on until they are let go. */
export function holdRun(page: string): (id: string) => Promise<() => void> {
  return (id) =>
    new Promise((resolve, reject) => {
      const held = (): Promise<void> => new Promise((letGo) => resolve(() => letGo()));
      // Shared: the same run in two pages is two runs.
      const name = [KIND, page, id].join(' ');
      navigator.locks.request(name, { mode: 'shared' }, held).catch(reject);
    });
}

/** Ids of all runs that go on, but for those of a page that is known to run nothing: a thread takes time to end. */
export async function runsGoingOn(idle?: string): Promise<ReadonlySet<string>> {
  if (!canHoldRuns()) return new Set();
  const { held = [] } = await navigator.locks.query();
  const ids = held.flatMap(({ name = '' }) => {
    const [kind, page, id] = name.split(' ');
    return kind === KIND && page !== idle ? [id] : [];
  });
  return new Set(ids);
}

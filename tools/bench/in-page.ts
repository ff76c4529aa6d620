/** Functions that are sent into a page: they may only use what is inside them. */

/** A slider that moves once a frame over settings of one layer's preview. */
export interface Drag {
  readonly worker: string;
  readonly model: string;
  readonly layer: string;
  readonly settings: readonly Readonly<Record<string, unknown>>[];
  /** How many answers to wait for, after as many as there are settings for warming up. */
  readonly answers: number;
}

export interface DragResult {
  /** Milliseconds from question to answer. */
  readonly trips: readonly number[];
  /** Milliseconds the worker says it took. */
  readonly inside: readonly number[];
  /** Changes that a newer one overtook before they were sent. */
  readonly overtaken: number;
  /** The last answer belongs to the last change. */
  readonly lastWins: boolean;
}

/**
 * Talks to the worker as the page does: at most one question on its way, and of the changes meanwhile the
 * newest is asked next.
 */
export async function dragSlider(drag: Drag): Promise<DragResult> {
  interface Answer {
    readonly sequence: number;
    readonly milliseconds: number;
  }
  const worker = new Worker(drag.worker, { type: 'module' });
  let calls = 0;
  /** One call in the message format of the `comlink` package. */
  const call = (name: string, value: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = `call-${(calls += 1)}`;
      const listen = ({ data }: MessageEvent): void => {
        const reply = data as { id?: string; type: string; value: unknown };
        if (reply.id !== id) return;
        worker.removeEventListener('message', listen);
        if (reply.type === 'RAW') resolve(reply.value);
        else reject(new Error(`${name}: ${JSON.stringify(reply.value)}`));
      };
      worker.addEventListener('message', listen);
      const argumentList = [{ type: 'RAW', value }];
      worker.postMessage({ id, type: 'APPLY', path: [name], argumentList });
    });
  const blob = await (await fetch(drag.model)).blob();
  await call('open', { name: 'm', origin: 'file', files: [{ path: 'model.onnx', blob }] });

  const [trips, inside]: [number[], number[]] = [[], []];
  const warmUp = Math.max(20, drag.settings.length);
  let [changes, answered, overtaken, last] = [0, 0, 0, 0];
  let busy = false;
  let waiting: number | undefined;
  const ask = async (change: number): Promise<void> => {
    busy = true;
    const options = drag.settings[change % drag.settings.length];
    const method = 'round-to-nearest';
    const start = performance.now();
    const answer = await call('preview', {
      ...{ sequence: change, layer: drag.layer, step: { method, options } },
      ...{ entry: { row: 0, column: 0 }, cells: 96, bins: 160 },
      crop: { rows: { from: 0, end: 48 }, columns: { from: 0, end: 64 } },
    });
    const time = performance.now() - start;
    busy = false;
    const { sequence, milliseconds } = answer as Answer;
    last = sequence;
    answered += 1;
    if (answered > warmUp) {
      trips.push(time);
      inside.push(milliseconds);
    }
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) await ask(next);
  };
  while (trips.length < drag.answers) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    changes += 1;
    if (busy) {
      if (waiting !== undefined) overtaken += 1;
      waiting = changes;
    } else void ask(changes);
  }
  while (busy) await new Promise((resolve) => setTimeout(resolve, 5));
  worker.terminate();
  return { trips, inside, overtaken, lastWins: last === changes };
}

/** Before anything else runs: keeps every main-thread task of 50 ms or more. */
export function watchMainThread(): void {
  const tasks: { start: number; duration: number }[] = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      tasks.push({ start: startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  Object.assign(globalThis, { longTasks: tasks });
}

/** Gaps between frames, and the long tasks, of the next `milliseconds`. */
export async function countFrames(
  milliseconds: number,
): Promise<{ gaps: number[]; tasks: number[] }> {
  const { longTasks } = globalThis as unknown as {
    longTasks: { start: number; duration: number }[];
  };
  const start = performance.now();
  const gaps: number[] = [];
  let previous = start;
  while (previous - start < milliseconds) {
    const now = await new Promise<number>((resolve) =>
      requestAnimationFrame(() => resolve(performance.now())),
    );
    gaps.push(now - previous);
    previous = now;
  }
  // Entries of the last tasks are delivered a little later.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const tasks = longTasks.splice(0).map(({ duration }) => duration);
  return { gaps, tasks };
}

/**
 * Milliseconds from navigation until the selector is there, a task of ours has run after it, and no long task
 * of the following half second is left over.
 */
export async function timeToInteractive(selector: string): Promise<number> {
  const { longTasks } = globalThis as unknown as {
    longTasks: { start: number; duration: number }[];
  };
  while (document.querySelector(selector) === null)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => setTimeout(resolve, 0));
  const ready = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  return Math.max(ready, ...longTasks.map(({ start, duration }) => start + duration));
}

/** Milliseconds from a click until what the selector finds says so, and a frame with it was drawn. */
export async function clickUntil({
  click,
  until,
  says,
}: {
  readonly click: string;
  readonly until: string;
  readonly says: string;
}): Promise<number> {
  const button = document.querySelector<HTMLElement>(click);
  if (button === null) throw new Error(`There is nothing to click at ${click}.`);
  const start = performance.now();
  button.click();
  const said = (): boolean =>
    Array.from(document.querySelectorAll(until)).some(({ textContent }) =>
      textContent.includes(says),
    );
  while (!said()) await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => requestAnimationFrame(resolve));
  return performance.now() - start;
}

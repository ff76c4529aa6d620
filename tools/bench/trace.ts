import type { Browser, Page } from '@playwright/test';
import { z } from 'zod';

const Trace = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      /** Microseconds on the clock, and of processor time. */
      dur: z.number().optional(),
      tdur: z.number().optional(),
      args: z.object({ name: z.unknown().optional() }).loose().optional(),
    }),
  ),
});

const CATEGORIES = ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'];
const TASK = /RunTask$/;

/**
 * Processor time in milliseconds of every task that threads of this name ran meanwhile (`CrRendererMain`,
 * `DedicatedWorker thread`): unlike the clock, it does not count what other processes take of the cores.
 */
export async function processorTimes(
  browser: Browser,
  page: Page,
  thread: string,
  work: () => Promise<void>,
): Promise<number[]> {
  await browser.startTracing(page, { categories: CATEGORIES });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = Trace.parse(JSON.parse(trace.toString('utf8')));
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === thread)
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents.flatMap(({ name, pid, tid, dur = 0, tdur }) =>
    // A task that began before its processor time was counted shows more of it than of the clock.
    TASK.test(name) && tdur !== undefined && threads.has(`${pid} ${tid}`)
      ? [Math.min(tdur, dur) / 1000]
      : [],
  );
}

import type { Invitation, KernelThreads } from '../core/kernels/crew.ts';
import { useKernelThreads } from '../core/kernels/load.ts';
import { isNode } from './threads.ts';

/** The part of a Node or page worker that is used here. */
interface Thread {
  postMessage(message: Invitation & { readonly index: number }): void;
}

/** This layer runs in pages too and therefore has no Node types. */
interface NodeThreads {
  readonly Worker: new (url: URL) => Thread & { unref(): void };
}

interface NodeProcess {
  getBuiltinModule?(name: 'node:worker_threads'): NodeThreads | undefined;
}

let started = false;

/**
 * Lets the kernels of this thread compute on `threads` threads in all, itself among them. The number is fixed by the
 * first call that wants more than one.
 */
export function startKernelThreads(threads: number): void {
  if (started || threads < 2) return;
  started = true;
  useKernelThreads(kernelThreads(threads));
}

/**
 * `threads` less the caller's own; undefined where no worker can be started, and on a page's main thread, which must
 * not wait for others: kernels then work alone.
 */
export function kernelThreads(threads: number): KernelThreads | undefined {
  if (!isNode() && 'document' in globalThis) return undefined;
  const crew: Thread[] = [];
  try {
    while (crew.length < threads - 1) crew.push(isNode() ? nodeThread() : pageThread());
  } catch {
    // What cannot be started is done without.
  }
  return crew.length === 0 ? undefined : membersOf(crew);
}

function membersOf(crew: readonly Thread[]): KernelThreads {
  return {
    count: crew.length,
    invite: (invitation) =>
      crew.forEach((thread, i) => thread.postMessage({ ...invitation, index: i + 1 })),
  };
}

/** The literal `new Worker(new URL(…))` form is the one Vite bundles. */
function pageThread(): Thread {
  return new Worker(new URL('./kernel-thread.mjs', import.meta.url), { type: 'module' });
}

function nodeThread(): Thread {
  const { process } = globalThis as { process?: NodeProcess };
  const threads = process?.getBuiltinModule?.('node:worker_threads');
  if (threads === undefined) throw new Error('This Node has no worker threads.');
  // A name in a variable keeps Vite from bundling the file a second time.
  const file = './kernel-thread.mjs';
  const thread = new threads.Worker(new URL(file, import.meta.url));
  // A process ends when its own work is done.
  thread.unref();
  return thread;
}

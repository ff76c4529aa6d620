/** More threads than this gain nothing on the matrices of one window, and spin. */
const MOST_THREADS = 4;

/**
 * How many threads WebAssembly may use: those wished for, else min(cores − 1, 4), which leaves a core to the page.
 * One, when the page is not cross-origin isolated.
 */
export function wasmThreads(host: {
  readonly cores: number;
  readonly sharedMemory: boolean;
  readonly wish?: number;
}): number {
  if (!host.sharedMemory) return 1;
  const free = Math.max(1, Math.min(host.cores - 1, MOST_THREADS));
  return host.wish === undefined ? free : Math.max(1, host.wish);
}

/** Cores of this machine as the host tells them; 1 when it does not. */
export function hardwareCores(): number {
  const told = globalThis.navigator?.hardwareConcurrency as number | undefined;
  return told ?? nodeProcess()?.getBuiltinModule?.('node:os').availableParallelism() ?? 1;
}

/** Node shares memory between threads freely; a page only when it is cross-origin isolated. */
export function sharesMemory(): boolean {
  return isNode() || (globalThis.crossOriginIsolated ?? false);
}

export function isNode(): boolean {
  return nodeProcess()?.versions?.node !== undefined && !('document' in globalThis);
}

/** This layer runs in pages too and therefore has no Node types. */
interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: 'node:os'): { availableParallelism(): number };
}

function nodeProcess(): NodeProcess | undefined {
  return (globalThis as { process?: NodeProcess }).process;
}

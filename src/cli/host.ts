import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASM_HEAP, type Host } from '../engine/host.ts';
import { createNodeRuntime } from '../runtime/ort-node.ts';
import { createWasmRuntime } from '../runtime/ort-wasm.ts';
import type { Runtime } from '../runtime/types.ts';
import type { ChosenDevice } from './device.ts';
import { NodeStorage } from './files/node-storage.ts';

/** More threads than this gain little on the matrices of one window. */
const MOST_THREADS = 8;

/** Opens the device once, when it is first needed. */
export function lazyRuntime(device: ChosenDevice): () => Promise<Runtime> {
  let opened: Promise<Runtime> | undefined;
  return () => (opened ??= openRuntime(device));
}

/** On all cores: whoever calls from a terminal waits for the result, and no byte depends on their number. */
function openRuntime({ name, threads }: ChosenDevice): Promise<Runtime> {
  const cores = availableParallelism();
  return name === 'node'
    ? createNodeRuntime({ threads: threads ?? cores })
    : createWasmRuntime({ threads: threads ?? Math.min(cores, MOST_THREADS) });
}

/** Runs `work` with a host that keeps its stages in a folder of its own, gone afterwards. */
export async function withHost<T>(
  device: ChosenDevice,
  work: (host: Host) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-'));
  try {
    return await work({ ...hostAt(folder, device), temporary: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A host whose trials and stages stay in `folder`. */
export function hostAt(folder: string, device: ChosenDevice): Host {
  return {
    storage: new NodeStorage(folder),
    runtime: lazyRuntime(device),
    device: device.name,
    now: () => Date.now(),
    statistics: new Map(),
    ...(device.name === 'wasm' && { memoryLimit: WASM_HEAP }),
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASM_HEAP, type Host } from '../engine/host.ts';
import { createNodeRuntime } from '../runtime/ort-node.ts';
import { createWasmRuntime } from '../runtime/ort-wasm.ts';
import type { Runtime } from '../runtime/types.ts';
import { NodeStorage } from './files/node-storage.ts';

export const RUNTIMES = ['wasm', 'node'] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** Opens the device once, when it is first needed. */
export function lazyRuntime(name: RuntimeName): () => Promise<Runtime> {
  let opened: Promise<Runtime> | undefined;
  return () => (opened ??= openRuntime(name));
}

function openRuntime(name: RuntimeName): Promise<Runtime> {
  return name === 'node'
    ? createNodeRuntime({ threads: availableParallelism() })
    : createWasmRuntime({ threads: 1 });
}

/** Runs `work` with a host that keeps its stages in a folder of its own, gone afterwards. */
export async function withHost<T>(name: RuntimeName, work: (host: Host) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-'));
  try {
    return await work({ ...hostAt(folder, name), temporary: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A host whose trials and stages stay in `folder`. */
export function hostAt(folder: string, name: RuntimeName): Host {
  return {
    storage: new NodeStorage(folder),
    runtime: lazyRuntime(name),
    device: name,
    now: () => Date.now(),
    statistics: new Map(),
    ...(name === 'wasm' && { memoryLimit: WASM_HEAP }),
  };
}

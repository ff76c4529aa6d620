import type { Graph, Model } from '../core/onnx/types.ts';
import type { HostCapabilities } from './capabilities.ts';
import type { Device } from './types.ts';

/** Whether a model goes into one session, judged from sizes alone, before any byte is read. */
export type SessionFit =
  | { readonly fits: true; readonly neededBytes: number }
  | { readonly fits: false; readonly neededBytes: number; readonly reason: string };

/** Measured with weights as shards beside the graph: heap per byte of weights, prepacking included. */
const HEAP_PER_WEIGHT_BYTE = 1.5;
/** Of WebAssembly's 4 GiB; the rest is code, graph and activations. */
const WASM_LIMIT = 3.8e9;

/**
 * A model whose weights do not fit is calibrated part by part (`collectByPart`) and cannot be run
 * whole on this device.
 */
export function sessionFit(
  model: Model,
  device: Device,
  capabilities: Pick<HostCapabilities, 'webgpu'>,
): SessionFit {
  const sizes = weightSizes(model.graph);
  const weights = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (device === 'webgpu') return onWebGpu(sizes, weights, capabilities.webgpu.maxBufferBytes);
  const neededBytes = weights * HEAP_PER_WEIGHT_BYTE;
  if (device === 'node' || neededBytes <= WASM_LIMIT) return { fits: true, neededBytes };
  const reason = `The model needs ${gigabytes(neededBytes)} of memory and WebAssembly ends at 4 GiB; take WebGPU, or a model of at most ${gigabytes(WASM_LIMIT / HEAP_PER_WEIGHT_BYTE)} of weights.`;
  return { fits: false, neededBytes, reason };
}

function onWebGpu(
  sizes: readonly Weight[],
  neededBytes: number,
  maxBufferBytes = Infinity,
): SessionFit {
  const large = sizes.find(({ bytes }) => bytes > maxBufferBytes);
  if (large === undefined) return { fits: true, neededBytes };
  const reason = `The tensor "${large.name}" has ${gigabytes(large.bytes)}, but this graphics device takes at most ${gigabytes(maxBufferBytes)} in one piece; take WebAssembly, or compress this tensor.`;
  return { fits: false, neededBytes, reason };
}

interface Weight {
  readonly name: string;
  readonly bytes: number;
}

function weightSizes(graph: Graph): Weight[] {
  return graph.initializers.map(({ name, data }) => ({ name, bytes: data.byteLength }));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

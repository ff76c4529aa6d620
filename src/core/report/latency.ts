import type { DeviceLatency, Latency } from './types.ts';

/** A median this much above the original's is said; below lies what a busy machine does by itself. */
export const SLOWER_FROM = 1.1;
export const FASTER_FROM = 1 / SLOWER_FROM;

const DEVICES: Readonly<Record<string, string>> = {
  wasm: 'WASM',
  webgpu: 'WebGPU',
  node: 'onnxruntime-node',
};

/** A device as people write it. */
export function deviceName(device: string): string {
  return DEVICES[device] ?? device;
}

/**
 * Where the compressed model takes longer than the original, in words: "2.7× slower at 16 tokens on WASM".
 * Smaller is not faster by itself, and who sees only the size would think so.
 */
export function slowerThanOriginal(
  latency: Readonly<Record<string, DeviceLatency>>,
): readonly string[] {
  return Object.entries(latency).flatMap(([device, { short, long, ...whole }]) => {
    const on = `on ${deviceName(device)}`;
    const sized = [short, long].filter((at) => at !== undefined);
    return sized.length > 0
      ? sized.flatMap((at) => slower(at, `at ${at.tokens} tokens ${on}`))
      : slower(whole, on);
  });
}

interface Pair {
  readonly original: Latency;
  readonly compressed: Latency;
}

function slower({ original, compressed }: Pair, where: string): string[] {
  const ratio = compressed.median / original.median;
  // One slow moment of the original must not hide behind its median.
  if (!(ratio >= SLOWER_FROM) || compressed.median <= original.p90) return [];
  return [`${ratio.toFixed(1)}× slower ${where}`];
}

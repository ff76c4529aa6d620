import type { Model } from '../core/onnx/types.ts';
import { modelBytes, type ExternalFile } from './model-bytes.ts';
import { explainOrtError } from './ort-errors.ts';
import { deviceLost, float16Refused } from './ort-sentences.ts';
import { RuntimeSession, unlessLost, type SessionHost } from './ort-session.ts';
import type { OrtModule, OrtSession, OrtSessionOptions } from './ort.ts';
import { computesInFloat16 } from './float16-use.ts';
import { createQueue } from './queue.ts';
import type { Device, Runtime, SessionOptions } from './types.ts';

/** What differs between the builds of onnxruntime. */
export interface Build {
  readonly ort: OrtModule;
  readonly device: Device;
  readonly threads: number;
  readonly sessionOptions: OrtSessionOptions;
  /** False where the device has no float16 shaders: graphs that compute in float16 are refused. */
  readonly float16: boolean;
  /** Resolves when the GPU device is lost. */
  readonly lost?: Promise<unknown>;
  /** How this build wants weights that lie outside the graph file. Default: `externalData`. */
  readonly create?: CreateSession;
}

/** Opens a session and says what to clean up when it is released. */
export type CreateSession = (
  bytes: Uint8Array,
  external: readonly ExternalFile[],
  options: OrtSessionOptions,
) => Promise<{ session: OrtSession; cleanUp: () => Promise<void> }>;

/**
 * A {@link Runtime} over one build of onnxruntime. All sessions of a runtime share one queue, so
 * create, run and release never overlap, and a job that fails leaves the queue free for the next.
 */
export function ortRuntime(build: Build): Runtime {
  const host: SessionHost = {
    ort: build.ort,
    device: build.device,
    queue: createQueue(),
    lost: lossOf(build.lost),
  };
  const create = build.create ?? createWithExternalData(build.ort);

  async function openNow(
    bytes: Uint8Array,
    external: readonly ExternalFile[],
    options: SessionOptions,
    model?: Model,
  ) {
    try {
      const opening = create(bytes, external, ortOptions(build, options));
      const { session, cleanUp } = await unlessLost(host.lost, opening);
      return new RuntimeSession(host, session, cleanUp);
    } catch (error) {
      const nodeOf = (op: string) => model?.graph.nodes.find((node) => node.opType === op)?.name;
      const size = external.reduce((sum, file) => sum + file.data.byteLength, bytes.byteLength);
      throw explainOrtError(error, { device: build.device, action: 'open', bytes: size, nodeOf });
    }
  }

  return {
    device: build.device,
    threads: build.threads,
    openBytes: (bytes, external = [], options = {}) =>
      host.queue(() => openNow(bytes, external, options)),
    open: async (model: Model, options = {}) => {
      if (!build.float16 && computesInFloat16(model, options)) throw float16Refused();
      const { bytes, external } = await modelBytes(model);
      return host.queue(() => openNow(bytes, external, options, model));
    },
  };
}

function createWithExternalData(ort: OrtModule): CreateSession {
  return async (bytes, external, options) => {
    const externalData = external.map(({ path, data }) => ({ path, data }));
    const session = await ort.InferenceSession.create(
      bytes,
      externalData.length === 0 ? options : { ...options, externalData },
    );
    return { session, cleanUp: async () => {} };
  };
}

function ortOptions(build: Build, options: SessionOptions): OrtSessionOptions {
  return {
    ...build.sessionOptions,
    // Errors reach the user as sentences; ORT's own log would only repeat them on the console.
    logSeverityLevel: 4,
    graphOptimizationLevel: options.optimization ?? 'all',
    ...(options.freeDimensions && { freeDimensionOverrides: options.freeDimensions }),
    ...(options.deviceOnly && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    ...(build.device === 'webgpu' &&
      options.keepOnDevice && { preferredOutputLocation: onGpu(options.keepOnDevice) }),
  };
}

function onGpu(outputs: readonly string[]): Record<string, 'gpu-buffer'> {
  return Object.fromEntries(outputs.map((name) => [name, 'gpu-buffer' as const]));
}

function lossOf(lost: Promise<unknown> | undefined): Promise<never> | undefined {
  if (lost === undefined) return undefined;
  const rejection = lost.then(() => {
    throw deviceLost();
  });
  // Losing a device that nobody is using is no unhandled error.
  rejection.catch(() => {});
  return rejection;
}

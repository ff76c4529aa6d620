import type { Model } from '../core/onnx/types.ts';
import type { Value } from '../core/tensor/values.ts';

export type Device = 'wasm' | 'webgpu' | 'node';

export interface DeviceChoice {
  readonly device: Device;
  readonly threads: number;
  /** One sentence: why this device. Shown on screen. */
  readonly reason: string;
}

export interface PortInfo {
  readonly name: string;
  readonly dataType: number;
  /** number = fixed, string = symbol. */
  readonly dims: readonly (number | string)[];
}

/** A result that stays where it was computed (on a GPU: in its memory) until it is read or freed. */
export interface DeviceValue {
  read(): Promise<Value>;
  /** Gives the memory back; a value that was fed to a run that replaced it must be freed. */
  dispose(): void;
}

/** A loaded graph. Runs one at a time; the runtime queues. */
export interface Session {
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  run(
    feeds: Readonly<Record<string, Value>>,
    fetches?: readonly string[],
  ): Promise<Record<string, Value>>;
  /** Runs with inputs that may lie on the device; all outputs are returned as they lie. */
  runOnDevice(
    feeds: Readonly<Record<string, Value | DeviceValue>>,
  ): Promise<Record<string, DeviceValue>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  /** 'all' unless stated. */
  readonly optimization?: 'disabled' | 'basic' | 'all';
  readonly freeDimensions?: Readonly<Record<string, number>>;
  /** Refuses graphs of which the device would leave a part to the CPU. */
  readonly deviceOnly?: boolean;
  /** Outputs that stay in the GPU's memory when they come from `runOnDevice`. */
  readonly keepOnDevice?: readonly string[];
}

/** A device that runs graphs. Every session of a job is opened here and released before the job ends. */
export interface Runtime {
  readonly device: Device;
  readonly threads: number;
  /** Opens a model value (written out in memory, external data handed over as shards). */
  open(model: Model, options?: SessionOptions): Promise<Session>;
  /** Opens bytes as they are, to check an exported file. */
  openBytes(
    bytes: Uint8Array,
    external?: readonly { path: string; data: Uint8Array }[],
    options?: SessionOptions,
  ): Promise<Session>;
  /** The graph that a session makes of these bytes; absent where onnxruntime does not hand it out. */
  optimized?(bytes: Uint8Array): Promise<Model>;
}

import { LatheError } from '../core/errors/lathe-error.ts';
import type { Device, Runtime } from '../runtime/types.ts';

/** Where a host computes. */
export interface Computers {
  /** The device that calibrates, trains and measures. */
  readonly runtime: () => Promise<Runtime>;
  /** What `runtime` opens; WebAssembly where nothing is said. */
  readonly device?: Device;
  /** Name of the graphics device, where `runtime` is one. */
  readonly adapter?: string;
  /** One sentence: why that one. */
  readonly deviceReason?: string;
  /** WebAssembly, where `runtime` may fail as a graphics device does; see {@link RunDevices}. */
  readonly fallback?: () => Promise<Runtime>;
}

/** Failures that WebAssembly need not share. */
const OF_DEVICE: ReadonlySet<string> = new Set([
  'device-lost',
  'device-wrong',
  'no-webgpu',
  'float16-unsupported',
  'unsupported-operator',
  'out-of-memory',
  'node-failed',
  'output-fused-away',
  'runtime-aborted',
  'runtime-broken',
  'runtime-failed',
]);

/**
 * The devices of one run: the host's until it fails, and WebAssembly from then on. What was going on when it
 * failed is done again there, whole: no result is half of one device and half of the other.
 */
export class RunDevices {
  readonly #sentences: string[] = [];
  #decided: ReadonlySet<Device> = new Set();
  #fallen = false;

  constructor(
    private readonly host: Computers,
    private readonly notice: (sentence: string) => void = () => {},
  ) {}

  /** To open sessions on, asked anew by everything that starts. */
  readonly runtime = (): Promise<Runtime> =>
    this.#fallen && this.host.fallback ? this.host.fallback() : this.host.runtime();

  /** What {@link runtime} opens now. */
  get device(): Device {
    return this.#fallen ? 'wasm' : (this.host.device ?? 'wasm');
  }

  /** What the reader of the report should know: one sentence for each time a device gave up. */
  get sentences(): readonly string[] {
    return this.#sentences;
  }

  /** Devices that bytes of the result follow from so far. */
  get decided(): readonly Device[] {
    return [...this.#decided];
  }

  /** Something was made of what this device computed. */
  decides(device: Device): void {
    this.#decided = new Set([...this.#decided, device]);
  }

  /** Whether to do again on WebAssembly what failed so. */
  repeats(error: unknown): boolean {
    const possible = this.host.fallback !== undefined && !this.#fallen;
    return possible && error instanceof LatheError && OF_DEVICE.has(error.code);
  }

  /** Does something, and does it again on WebAssembly where the device failed. */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    const decided = this.#decided;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LatheError) || !this.repeats(error)) throw error;
      this.fall(error);
      // What was made so far in here is made again.
      this.#decided = decided;
      return work();
    }
  }

  private fall(error: LatheError): void {
    this.#fallen = true;
    const sentence = error.code === 'device-lost' ? error.message : notDone(error.message);
    this.#sentences.push(sentence);
    this.notice(sentence);
  }
}

function notDone(message: string): string {
  return `WebGPU failed at a part of this run, which was done again on WebAssembly like all that followed. It said: ${message}`;
}

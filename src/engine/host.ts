import type { RunMemory } from '../runtime/remembering.ts';
import type { Runtime } from '../runtime/types.ts';
import type { LookCache } from './compress/look-provider.ts';
import type { Computers } from './run-devices.ts';
import type { Storage } from './storage/types.ts';

/** WebAssembly's addresses have 32 bits: the most its heap can grow to, in bytes. */
export const WASM_HEAP = 2 ** 32;

/** What a job needs of its surroundings; the page and the command line give different ones. */
export interface Host extends Computers {
  readonly storage: Storage;
  /** For the parity check, where there is WebGPU. */
  readonly webgpu?: () => Promise<Runtime | undefined>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What was seen of the opened model, shared by its trials. */
  readonly statistics: LookCache;
  /** What the original gave on the evaluation data, shared by its trials; absent: it is run in each. */
  readonly originals?: RunMemory;
  /** The storage goes away with the run: what only a later run could take up is not kept. */
  readonly temporary?: boolean;
  /**
   * Marks a run as going on until it is let go, also by the end of its thread; runs then leave a trace when they do
   * not finish. Absent: they leave none.
   */
  readonly holdRun?: (id: string) => Promise<() => void>;
  /** Bytes the device's heap can grow to; runs that need more are refused before they start. */
  readonly memoryLimit?: number;
}

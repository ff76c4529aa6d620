import { LatheError } from '../errors/lathe-error.ts';
import { Crew, type KernelThreads } from './crew.ts';
import { KERNELS_BASE64 } from './kernels.wasm.ts';
import { sharedModule } from './module.ts';
import { OPERANDS, type Kernel, type KernelName } from './operands.ts';

/** Byte offset in the kernels' memory. */
export type Pointer = number;

/**
 * Bump allocator over the kernels' memory. Take a block with `scope`; everything allocated inside is
 * given back when it ends, the memory itself is kept for the next call.
 */
export class Arena {
  #top: Pointer;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly base: Pointer,
  ) {
    this.#top = align(base);
  }

  /** Gives back everything, also what was taken outside of scopes. Not inside a scope. */
  clear(): void {
    this.#top = align(this.base);
  }

  /** Runs `work` and gives back whatever it allocated. */
  scope<T>(work: () => T): T {
    const mark = this.#top;
    try {
      return work();
    } finally {
      this.#top = mark;
    }
  }

  /** `bytes` bytes, 64-byte aligned, contents undefined. Views made before may detach. */
  alloc(bytes: number): Pointer {
    const pointer = this.#top;
    const end = align(pointer + bytes);
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing);
    this.#top = end;
    return pointer;
  }

  #grow(bytes: number): void {
    try {
      this.memory.grow(Math.ceil(bytes / 65536));
    } catch {
      throw new LatheError(
        'kernel-memory-exhausted',
        `This step needs ${Math.ceil(bytes / 2 ** 20)} MiB more memory than this device gives to one computation: close other tabs, or leave the largest layers out.`,
        { bytes },
      );
    }
  }

  /** Like {@link alloc}, filled with zero. */
  zeroed(bytes: number): Pointer {
    const pointer = this.alloc(bytes);
    this.bytes(pointer, bytes).fill(0);
    return pointer;
  }

  /** Copies values in and returns where they are. */
  copyIn(values: Float32Array | Float64Array | Uint8Array | Int32Array | Uint32Array): Pointer {
    const pointer = this.alloc(values.byteLength);
    this.write(pointer, values);
    return pointer;
  }

  /** Copies values to a pointer. */
  write(
    pointer: Pointer,
    values: Float32Array | Float64Array | Uint8Array | Int32Array | Uint32Array,
  ): void {
    this.bytes(pointer, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }

  /** A view, valid until the next `alloc`. */
  floats(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  /** A view, valid until the next `alloc`. */
  doubles(pointer: Pointer, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, length);
  }

  /** A view, valid until the next `alloc`. */
  bytes(pointer: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }
}

/** The kernels of this thread and the memory they work on. */
export type Kernels = { readonly [Name in KernelName]: Kernel<Name> } & {
  readonly arena: Arena;
  /** Threads that work on the same memory, where there are any. */
  readonly crew?: Crew;
};

let loaded: Kernels | undefined | null = null;
let threads: KernelThreads | undefined;

/**
 * The WASM kernels, instantiated on first use, once per thread; `undefined` where WebAssembly or its
 * SIMD instructions are missing, and callers then take the TypeScript oracle: {@link oracleWarning}.
 */
export function kernels(): Kernels | undefined {
  if (loaded === null) loaded = instantiate();
  return loaded;
}

/**
 * What is to be known of results where the oracles stand in: they sum in another order and precision, which
 * flips a GPTQ code now and then, so a file is not to the byte what other devices write. Undefined with kernels.
 */
export function oracleWarning(): string | undefined {
  if (kernels() !== undefined) return undefined;
  return 'This device has no WebAssembly SIMD, so slower stand-ins computed here; in rare roundings their codes differ, and the same recipe may give other bytes elsewhere.';
}

/** Drops this thread's kernels and their memory; the next call starts with a fresh, small one. */
export function releaseKernels(): void {
  loaded?.crew?.close();
  loaded = null;
}

/** From the next call on, kernels share their memory with these threads; with none, they work alone. */
export function useKernelThreads(beside: KernelThreads | undefined): void {
  releaseKernels();
  threads = beside;
}

/** Pages of the memory at first, and at most: what 32 bits address. */
const PAGES = { initial: 1, maximum: 65536 } as const;

function instantiate(): Kernels | undefined {
  const beside = threads;
  const shared = beside && attempt(() => sharedKernels(beside));
  return shared ?? attempt(ownKernels);
}

/** Undefined without WebAssembly, SIMD or shared memory, or with a policy against them. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function ownKernels(): Kernels {
  const memory = new WebAssembly.Memory(PAGES);
  const module = new WebAssembly.Module(decodeBase64(KERNELS_BASE64));
  const exported = new WebAssembly.Instance(module, { env: { memory } }).exports;
  return { ...namedKernels(exported), arena: arenaOf(exported, memory) };
}

function sharedKernels(beside: KernelThreads): Kernels {
  const bytes = decodeBase64(KERNELS_BASE64);
  const memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  const module = new WebAssembly.Module(sharedModule(bytes, true));
  const exported = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const others = new WebAssembly.Module(sharedModule(bytes, false));
  const crew = new Crew(beside, exported as Record<string, Positional>, others, memory);
  return { ...namedKernels(exported), arena: arenaOf(exported, memory), crew };
}

function arenaOf(exported: Record<string, unknown>, memory: WebAssembly.Memory): Arena {
  return new Arena(memory, (exported.heapBase as { value: number }).value);
}

type Positional = (...operands: number[]) => number;

/** Every kernel, called with its operands by name: sixteen numbers in a row are too easily swapped. */
function namedKernels(exported: Record<string, unknown>): { [Name in KernelName]: Kernel<Name> } {
  const named = Object.entries(OPERANDS).map(([name, operands]) => {
    const kernel = exported[name] as Positional;
    return [name, (given: Record<string, number>) => kernel(...operands.map((o) => given[o]))];
  });
  return Object.fromEntries(named) as { [Name in KernelName]: Kernel<Name> };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let word = 0;
  for (let i = 0, at = 0; i < digits.length; i++) {
    word = (word << 6) | ALPHABET.indexOf(digits[i]);
    if (i % 4 > 0) bytes[at++] = (word >> (6 - 2 * (i % 4))) & 255;
  }
  return bytes;
}

function align(bytes: number): Pointer {
  return Math.ceil(bytes / 64) * 64;
}

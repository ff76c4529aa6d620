import { LatheError } from '../errors/lathe-error.ts';
import { OPERANDS, type KernelName } from './operands.ts';

/** Threads beside the caller's that can run kernels on the caller's memory; the runtime starts them. */
export interface KernelThreads {
  readonly count: number;
  /** Hands every thread what it computes with; each says on the board when it is ready. */
  invite(invitation: Invitation): void;
}

/** What a thread needs; runtime/kernel-thread.mjs reads it, and the board, as laid out here. */
export interface Invitation {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly board: SharedArrayBuffer;
  /** Names of the kernels; a part names its own by the index. */
  readonly kernels: readonly string[];
  /** Float64 values of a part: kernel, position of its work area (−1: none), bytes of that, operands. */
  readonly partLength: number;
  /** Bytes before the parts. */
  readonly header: number;
}

/** Int32 fields of the board's header. */
const FIELD = { left: 0, done: 1, generation: 2, ready: 3, closed: 4, failed: 5 } as const;
const HEADER = 64;
const MOST_PARTS = 128;
const PART_HEAD = 3;
const NAMES = Object.keys(OPERANDS) as KernelName[];
const PART_LENGTH = PART_HEAD + Math.max(...NAMES.map((name) => OPERANDS[name].length));

/** One call of a kernel; calls given together write to different places. */
export interface Part {
  readonly kernel: KernelName;
  readonly operands: Readonly<Record<string, number>>;
}

/**
 * Shares independent kernel calls out: whoever is free takes the next, the calling thread too, which then waits
 * for the others. Which thread computes a part changes no bit of it. Threads that are not ready yet are done without.
 */
export class Crew {
  readonly #fields: Int32Array;
  readonly #parts: Float64Array;

  constructor(
    private readonly threads: KernelThreads,
    private readonly own: Readonly<Record<string, (...operands: number[]) => number>>,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
  ) {
    const board = new SharedArrayBuffer(HEADER + 8 * PART_LENGTH * MOST_PARTS);
    this.#fields = new Int32Array(board, 0, HEADER / 4);
    this.#parts = new Float64Array(board, HEADER);
    const layout = { kernels: NAMES, partLength: PART_LENGTH, header: HEADER };
    threads.invite({ module, memory, board, ...layout });
  }

  /** Threads that may need a work area: the caller's and every other. */
  get size(): number {
    return 1 + this.threads.count;
  }

  /** Whether another thread would take part now. */
  get ready(): boolean {
    return Atomics.load(this.#fields, FIELD.ready) > 0;
  }

  /**
   * Runs all parts, at most 128. Operand `work` points to {@link size} areas of `workBytes` each, one per thread.
   * Throws `kernel-thread-failed`.
   */
  run(parts: readonly Part[], workBytes: number): void {
    parts.forEach((part, i) => this.#write(part, i * PART_LENGTH, workBytes));
    Atomics.store(this.#fields, FIELD.done, 0);
    Atomics.store(this.#fields, FIELD.left, parts.length);
    Atomics.add(this.#fields, FIELD.generation, 1);
    Atomics.notify(this.#fields, FIELD.generation);
    for (let left = this.#take(); left > 0; left = this.#take()) {
      this.#compute(parts[left - 1]);
      Atomics.add(this.#fields, FIELD.done, 1);
    }
    this.#await(parts.length);
  }

  /** Sends the threads back to wait for another invitation. */
  close(): void {
    Atomics.store(this.#fields, FIELD.closed, 1);
    Atomics.add(this.#fields, FIELD.generation, 1);
    Atomics.notify(this.#fields, FIELD.generation);
  }

  #compute({ kernel, operands }: Part): void {
    try {
      this.own[kernel](...OPERANDS[kernel].map((name) => operands[name]));
    } catch {
      Atomics.store(this.#fields, FIELD.failed, 1);
    }
  }

  #take(): number {
    return Atomics.sub(this.#fields, FIELD.left, 1);
  }

  #write({ kernel, operands }: Part, at: number, workBytes: number): void {
    const names: readonly string[] = OPERANDS[kernel];
    const values = names.map((name) => operands[name]);
    this.#parts.set([NAMES.indexOf(kernel), names.indexOf('work'), workBytes, ...values], at);
  }

  #await(count: number): void {
    for (;;) {
      const done = Atomics.load(this.#fields, FIELD.done);
      if (done === count) break;
      Atomics.wait(this.#fields, FIELD.done, done);
    }
    if (Atomics.load(this.#fields, FIELD.failed) > 0) throw threadFailed();
  }
}

function threadFailed(): LatheError {
  return new LatheError(
    'kernel-thread-failed',
    'One of the threads that compute beside the main one stopped with an error; run this again, with --threads 1 if it stays.',
  );
}

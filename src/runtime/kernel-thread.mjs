// A thread that runs kernels beside the job's own, on its memory: waits for an invitation, then for parts on the
// board (laid out in core/kernels/crew.ts). Plain JavaScript: a thread under Node starts without a TypeScript loader.
// @ts-check

/**
 * @typedef {{ module: WebAssembly.Module, memory: WebAssembly.Memory, board: SharedArrayBuffer, index: number,
 *   kernels: string[], partLength: number, header: number }} Invitation
 */

const [LEFT, DONE, GENERATION, READY, CLOSED, FAILED] = [0, 1, 2, 3, 4, 5];

/** @param {Invitation} invitation */
function serve({ module, memory, board, index, kernels, partLength, header }) {
  const fields = new Int32Array(board, 0, header / 4);
  const parts = new Float64Array(board, header);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });

  /** @param {number} part */
  function run(part) {
    const at = part * partLength;
    const [kernel, work, workBytes] = parts.subarray(at, at + 3);
    const operands = [...parts.subarray(at + 3, at + partLength)];
    if (work >= 0) operands[work] += index * workBytes;
    /** @type {(...operands: number[]) => number} */ (exports[kernels[kernel]])(...operands);
  }

  Atomics.add(fields, READY, 1);
  for (;;) {
    const generation = Atomics.load(fields, GENERATION);
    if (Atomics.load(fields, CLOSED) === 1) return;
    for (let left = Atomics.sub(fields, LEFT, 1); left > 0; left = Atomics.sub(fields, LEFT, 1)) {
      try {
        run(left - 1);
      } catch {
        Atomics.store(fields, FAILED, 1);
      }
      Atomics.add(fields, DONE, 1);
      Atomics.notify(fields, DONE);
    }
    Atomics.wait(fields, GENERATION, generation);
  }
}

const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
if (node?.parentPort) node.parentPort.on('message', serve);
else globalThis.addEventListener('message', ({ data }) => serve(data));

import { kernels } from './load.ts';

/** The gradient of one row, and what moves it. */
export interface GradientMover {
  /** [columns] */
  readonly gradient: Float32Array;
  /** What columns from `from` on moved by. */
  readonly deltas: Float32Array;
  /** gradient −= Σ_j deltas_j · (row `from` + j of H), j < count. */
  readonly move: (from: number, count: number) => void;
}

/** Runs `work` with a mover over H [columns, columns]. Kernels and oracle give the same bits. */
export function withMover(
  h: Float32Array,
  columns: number,
  work: (mover: GradientMover) => void,
): void {
  const wasm = kernels();
  if (wasm === undefined) return work(moverOracle(h, columns));
  const { arena } = wasm;
  arena.scope(() => {
    const at = arena.copyIn(h);
    const [gradient, deltas] = [arena.alloc(4 * columns), arena.alloc(4 * columns)];
    const here = { gradient, h: at, columns, deltas };
    work({
      gradient: arena.floats(gradient, columns),
      deltas: arena.floats(deltas, columns),
      move: (from, count) => wasm.moveGradient({ ...here, from, count }),
    });
  });
}

/** Oracle of the kernel: every product and difference rounded to float32. */
export function moverOracle(h: Float32Array, columns: number): GradientMover {
  const [gradient, deltas] = [new Float32Array(columns), new Float32Array(columns)];
  const move = (from: number, count: number): void => {
    for (let j = 0; j < count; j++) {
      const row = (from + j) * columns;
      const by = deltas[j];
      if (by === 0) continue;
      for (let k = 0; k < columns; k++) gradient[k] -= Math.fround(by * h[row + k]);
    }
  };
  return { gradient, deltas, move };
}

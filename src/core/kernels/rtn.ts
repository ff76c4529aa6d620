import { LatheError } from '../errors/lathe-error.ts';
import { kernels, type Kernels, type Pointer } from './load.ts';
import { findGridsOracle, quantizeUniformOracle } from './rtn-oracle.ts';
import {
  groupsPerRow,
  middleCode,
  type Grids,
  type Range,
  type UniformCodes,
  type UniformOptions,
} from './uniform.ts';

/** How the kernels are told a range. */
export const RANGE_NUMBER: Record<Range, number> = { minmax: 0, absmax: 1, 'signed-max': 2 };

/** Rows go through the kernels in windows of about this many values, so that they stay in cache. */
const WINDOW = 1 << 16;

/**
 * Rounds to the nearest point of a uniform grid per group of `groupSize` columns:
 * code = clamp(round(w / scale) + zero, 0, 2^bits − 1), Ŵ = scale · (code − zero).
 * `values` is [rows, columns] row-major; `groupSize = columns` is per channel. Throws
 * `weight-not-finite` when a group holds a NaN, an infinity, or a spread beyond float32.
 * Bit-equal to its oracle. Source: IST-DASLab/gptq `quant.py`; onnxruntime's block quantizer.
 */
export function quantizeUniform(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): UniformCodes {
  const wasm = kernels();
  const result =
    wasm === undefined
      ? quantizeUniformOracle(values, rows, columns, options)
      : quantizeWithKernels(wasm, values, rows, columns, options);
  requireFinite(result.scales);
  return result;
}

/** One grid for the whole tensor: {@link quantizeUniform} with all values in one group. */
export function quantizeTensor(
  values: Float32Array,
  { importance, ...options }: Omit<UniformOptions, 'groupSize'>,
): UniformCodes {
  const whole = { ...options, groupSize: values.length };
  if (importance === undefined) return quantizeUniform(values, 1, values.length, whole);
  const columns = importance.length;
  const each = Float32Array.from(values, (_, i) => importance[i % columns]);
  return quantizeUniform(values, 1, values.length, { ...whole, importance: each });
}

/** The grids {@link quantizeUniform} would use, without quantizing. Throws as it does. */
export function findGrids(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): Grids {
  const wasm = kernels();
  const grids =
    wasm === undefined
      ? findGridsOracle(values, rows, columns, options)
      : findGridsWithKernels(wasm, values, rows, columns, options);
  requireFinite(grids.scales);
  return grids;
}

/** Ŵ[r,c] = scales[r,g] · (codes[r,c] − zeros[r,g]), in float32 (zero 2^(bits−1) when absent). */
export function dequantizeUniform(
  encoded: UniformCodes,
  rows: number,
  columns: number,
  options: Pick<UniformOptions, 'bits' | 'groupSize'>,
): Float32Array {
  const { codes, scales, zeros } = encoded;
  const groups = groupsPerRow(columns, options.groupSize);
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const scale = scales[r * groups + g];
      const zero = zeros === undefined ? middleCode(options.bits) : zeros[r * groups + g];
      const end = r * columns + Math.min(columns, (g + 1) * options.groupSize);
      for (let i = r * columns + g * options.groupSize; i < end; i++)
        out[i] = scale * (codes[i] - zero);
    }
  return out;
}

/** Packed 4-bit blocks as MatMulNBits stores them. */
export interface Blocks4 {
  /** [rows, columns / blockSize, blockSize / 2], low nibble first. */
  readonly packed: Uint8Array;
  /** [rows, columns / blockSize]. */
  readonly scales: Float32Array;
  /** One code per byte, same shape; absent for symmetric ranges. `packZeros` packs them. */
  readonly zeros?: Uint8Array;
}

/**
 * {@link quantizeUniform} at 4 bits and `packBlocks` in one pass: for previews and large layers.
 * `blockSize` must be a multiple of 16 that divides `columns` (else use the two functions), no clip
 * search. Equal to the two functions bit for bit.
 */
export function quantizeBlocks4(
  values: Float32Array,
  rows: number,
  columns: number,
  blockSize: number,
  range: Range,
): Blocks4 | undefined {
  const wasm = kernels();
  if (wasm === undefined || columns % blockSize !== 0 || blockSize % 16 !== 0) return undefined;
  const blocks = (rows * columns) / blockSize;
  const packed = new Uint8Array((rows * columns) / 2);
  const scales = new Float32Array(blocks);
  const zeros = new Uint8Array(blocks);
  const step = Math.max(1, Math.floor(WINDOW / blockSize));
  wasm.arena.scope(() => {
    const window = Windows.of(wasm, step * blockSize, step);
    for (let b = 0; b < blocks; b += step) {
      const n = Math.min(step, blocks - b);
      window.load(values.subarray(b * blockSize, (b + n) * blockSize));
      const { source, codes } = window;
      const { scales: s, zeros: z } = window;
      const grid = { blockSize, range: RANGE_NUMBER[range], scales: s, zeros: z };
      wasm.quantizeBlocks4({ values: source, blocks: n, ...grid, packed: codes });
      packed.set(wasm.arena.bytes(codes, (n * blockSize) / 2), (b * blockSize) / 2);
      window.grids(n, b, scales, zeros);
    }
  });
  requireFinite(scales);
  return range === 'minmax' ? { packed, scales, zeros } : { packed, scales };
}

/** Where rows lie in the kernels' memory, and where their grids go. */
export interface LoadedRows {
  readonly source: Pointer;
  readonly scales: Pointer;
  readonly zeros: Pointer;
  /** 64 bytes to work with. */
  readonly scratch: Pointer;
}

/** Finds the grids of rows that lie in the kernels' memory, as {@link findGrids} does. */
export function findLoadedGrids(
  wasm: Kernels,
  { source, scales, zeros, scratch }: LoadedRows,
  rows: number,
  columns: number,
  options: UniformOptions,
): void {
  const { groupSize, bits, clip, importance } = options;
  const { arena } = wasm;
  const grid = { groupSize, bits, range: RANGE_NUMBER[options.range], scales, zeros };
  const operands = { values: source, rows, columns, ...grid };
  if (clip === 'exact' || clip === 'octav') {
    // WHY not in the kernel: closed forms take a few passes, which the plain code makes as fast as they are copied.
    const found = findGridsOracle(arena.floats(source, rows * columns), rows, columns, options);
    arena.write(scales, found.scales);
    arena.write(zeros, found.zeros);
  } else if (clip === 'mse') wasm.clipErrors({ ...operands, work: scratch });
  else if (clip === 'search') {
    arena.scope(() => {
      const weights = importance === undefined ? 0 : arena.copyIn(importance);
      wasm.searchScales({ ...operands, importance: weights, work: scratch });
    });
  } else wasm.findGrids(operands);
}

/** Where one window of rows lies in the arena. */
class Windows {
  private constructor(
    private readonly wasm: Kernels,
    readonly source: Pointer,
    readonly codes: Pointer,
    readonly scales: Pointer,
    readonly zeros: Pointer,
    readonly scratch: Pointer,
  ) {}

  static of(wasm: Kernels, values: number, groups: number): Windows {
    const { arena } = wasm;
    const [source, codes] = [arena.alloc(4 * values), arena.alloc(values)];
    return new Windows(
      wasm,
      source,
      codes,
      arena.alloc(4 * groups),
      arena.alloc(groups),
      arena.alloc(64),
    );
  }

  load(values: Float32Array): void {
    this.wasm.arena.floats(this.source, values.length).set(values);
  }

  /** Finds the grids of the loaded rows. */
  find(rows: number, columns: number, options: UniformOptions): void {
    findLoadedGrids(this.wasm, this, rows, columns, options);
  }

  /** Copies `count` grids out to position `at`. */
  grids(count: number, at: number, scales: Float32Array, zeros: Uint8Array): void {
    scales.set(this.wasm.arena.floats(this.scales, count), at);
    zeros.set(this.wasm.arena.bytes(this.zeros, count), at);
  }
}

function quantizeWithKernels(
  wasm: Kernels,
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): UniformCodes {
  const groups = groupsPerRow(columns, options.groupSize);
  const codes = new Uint8Array(rows * columns);
  const scales = new Float32Array(rows * groups);
  const zeros = new Uint8Array(rows * groups);
  overWindows(wasm, values, rows, columns, groups, (window, r, n) => {
    const { groupSize, bits, range } = options;
    window.find(n, columns, options);
    const { source, scales: s, zeros: z, codes: c } = window;
    const grid = { groupSize, bits, range: RANGE_NUMBER[range], scales: s, zeros: z };
    wasm.encodeRows({ values: source, rows: n, columns, ...grid, codes: c });
    codes.set(wasm.arena.bytes(c, n * columns), r * columns);
    window.grids(n * groups, r * groups, scales, zeros);
  });
  return options.range === 'minmax' ? { codes, scales, zeros } : { codes, scales };
}

function findGridsWithKernels(
  wasm: Kernels,
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): Grids {
  const groups = groupsPerRow(columns, options.groupSize);
  const scales = new Float32Array(rows * groups);
  const zeros = new Uint8Array(rows * groups);
  overWindows(wasm, values, rows, columns, groups, (window, r, n) => {
    window.find(n, columns, options);
    window.grids(n * groups, r * groups, scales, zeros);
  });
  return { scales, zeros };
}

/** Loads the rows window by window and calls `work(window, first row, number of rows)`. */
function overWindows(
  wasm: Kernels,
  values: Float32Array,
  rows: number,
  columns: number,
  groups: number,
  work: (window: Windows, row: number, count: number) => void,
): void {
  const step = Math.min(rows, Math.max(1, Math.floor(WINDOW / columns)));
  wasm.arena.scope(() => {
    const window = Windows.of(wasm, step * columns, step * groups);
    for (let r = 0; r < rows; r += step) {
      const count = Math.min(step, rows - r);
      window.load(values.subarray(r * columns, (r + count) * columns));
      work(window, r, count);
    }
  });
}

/** NaN and infinities reach the scale of their group, so checking scales checks every value. */
function requireFinite(scales: Float32Array): void {
  // WHY x − x: 0 for every number, NaN for NaN and infinities; ten times faster than a callback.
  let sum = 0;
  for (let i = 0; i < scales.length; i++) sum += scales[i] - scales[i];
  if (sum === 0) return;
  const bad = scales.findIndex((scale) => !Number.isFinite(scale));
  throw new LatheError(
    'weight-not-finite',
    `Group ${bad} of this weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.`,
    { group: bad },
  );
}

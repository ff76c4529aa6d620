import { kernels, type Kernels, type Pointer } from './load.ts';
import {
  binFactor,
  previewDenseOracle,
  previewUniformOracle,
  type Compared,
  type Frame,
  type Pictured,
  type UniformCompared,
  type UniformPreview,
} from './preview-oracle.ts';
import { findGrids, findLoadedGrids, RANGE_NUMBER } from './rtn.ts';
import { groupsPerRow, type Grids } from './uniform.ts';

export type {
  Compared,
  Frame,
  Pictured,
  UniformCompared,
  UniformPreview,
} from './preview-oracle.ts';

/** Weights up to this size stay in the kernels' memory between previews; larger ones are copied in by bands. */
const RESIDENT_BYTES = 2 ** 29;

/** Outside of it float32 squares of errors would under- or overflow. */
const SQUARABLE = { least: 2 ** -50, most: 2 ** 60 };

/** Counts come back in several tables, of this many bins at most. */
const TABLES = 8;
const TABLE_BINS = 1024;

/** A weight that lies in the kernels' memory, and the 2-bit signed-max scales of its groups. */
interface Resident {
  readonly at: Pointer;
  readonly scales: Pointer;
  readonly zeros: Pointer;
  /** Of the groups whose scales are there; 0 for none. */
  groupSize: number;
}

/** The one weight of this thread. */
let current:
  { readonly of: PreviewWeight; readonly wasm: Kernels; readonly resident: Resident } | undefined;

/** Smallest group whose scales are kept from one preview to the next. */
const LEAST_GROUP = 16;

/**
 * One weight W [rows, columns] that is previewed again and again while a slider moves: uploaded once, then
 * quantized and compared in one pass. Codes, heat and counts equal the oracle's bit for bit, the
 * squared error to 1e-5 (float32 partial sums of at most 1024 terms). Holds this thread's kernel memory: one
 * weight per thread, an older one is uploaded again when it is asked for.
 */
export class PreviewWeight {
  constructor(
    private readonly values: Float32Array,
    readonly frame: Frame,
    private readonly residentBytes = RESIDENT_BYTES,
  ) {}

  /**
   * Ŵ = scale·(code − zero), rounded to nearest on a uniform grid as `quantizeUniform` does.
   * Throws `weight-not-finite`.
   */
  uniform(options: UniformPreview): UniformCompared {
    const wasm = this.usableKernels();
    if (wasm === undefined) return previewUniformOracle(this.values, options, this.frame);
    const compared = new Pass(wasm, this.values, this.frame, this.place(wasm)).uniform(options);
    // A value that is not finite reaches the error; the oracle says which.
    if (Number.isFinite(compared.squaredError)) return compared;
    return previewUniformOracle(this.values, options, this.frame);
  }

  /** Any other Ŵ of the same shape; the weight itself gives the picture before compression. */
  dense(shown: Float32Array): Pictured {
    const wasm = this.usableKernels();
    if (wasm === undefined) return previewDenseOracle(this.values, shown, this.frame);
    return new Pass(wasm, this.values, this.frame, this.place(wasm)).dense(shown);
  }

  private usableKernels(): Kernels | undefined {
    const { minimum, maximum, columns, bins } = this.frame;
    const largest = Math.max(Math.abs(minimum), Math.abs(maximum));
    const squarable = largest >= SQUARABLE.least && largest <= SQUARABLE.most;
    return squarable && columns > 0 && bins <= TABLE_BINS ? kernels() : undefined;
  }

  /** Where W lies in the kernels' memory; undefined when it is too large to stay there. */
  private place(wasm: Kernels): Resident | undefined {
    if (this.values.byteLength > this.residentBytes) return undefined;
    if (current?.of !== this || current.wasm !== wasm) {
      const { arena } = wasm;
      arena.clear();
      const { rows, columns } = this.frame;
      const groups = rows * groupsPerRow(columns, LEAST_GROUP);
      const at = arena.copyIn(this.values);
      const [scales, zeros] = [arena.alloc(4 * groups), arena.alloc(groups)];
      current = { of: this, wasm, resident: { at, scales, zeros, groupSize: 0 } };
    }
    return current.resident;
  }
}

/** The rows of one row of heat cells: they are found, compared and pictured while they are in cache. */
interface Band {
  /** Which row of cells. */
  readonly cells: number;
  readonly first: number;
  readonly count: number;
  readonly source: Pointer;
}

/** Where the pictures of a pass accumulate. */
interface Pictures {
  readonly keys: Pointer;
  readonly bins: Pointer;
  readonly heat: Pointer;
  readonly counts: Pointer;
}

class Pass {
  constructor(
    private readonly wasm: Kernels,
    private readonly values: Float32Array,
    private readonly frame: Frame,
    private readonly resident: Resident | undefined,
  ) {}

  uniform(options: UniformPreview): UniformCompared {
    return this.wasm.arena.scope(() =>
      options.wholeTensor
        ? this.oneGrid(options)
        : (this.keptGrids(options) ?? this.gridPerGroup(options)),
    );
  }

  dense(shown: Float32Array): Pictured {
    const { arena } = this.wasm;
    const { columns, heatColumns } = this.frame;
    return arena.scope(() => {
      const other = arena.alloc(4 * this.bandRows() * columns);
      const pictures = this.newPictures();
      const work = this.overBands(({ first, count, source, cells }, work) => {
        arena.write(other, shown.subarray(first * columns, (first + count) * columns));
        const operands = { values: source, shown: other, rows: count, columns };
        const { keys, bins } = pictures;
        this.wasm.previewDense({ ...operands, keys, bins, work });
        const heat = pictures.heat + 4 * cells * heatColumns;
        this.wasm.heatRow({ keys, columns, cells: heatColumns, heat });
      });
      return { ...this.compared(work), ...this.pictured(pictures) };
    });
  }

  /**
   * Symmetric grids of the groups, found once for all widths: scale = w* / −2^(bits−1), so another width only
   * shifts the exponent.
   */
  private keptGrids(options: UniformPreview): UniformCompared | undefined {
    const { resident, wasm } = this;
    const { groupSize, range, clip, store, bits } = options;
    if (resident === undefined || range !== 'signed-max' || groupSize < LEAST_GROUP)
      return undefined;
    if ((clip ?? 'none') !== 'none' || store !== undefined) return undefined;
    const { rows, columns } = this.frame;
    const { at, scales, zeros } = resident;
    if (resident.groupSize !== groupSize) {
      const grid = { groupSize, bits: 2, range: RANGE_NUMBER[range], scales, zeros };
      wasm.findGrids({ values: at, rows, columns, ...grid });
      resident.groupSize = groupSize;
    }
    const groups = groupsPerRow(columns, groupSize);
    const factor = 2 ** (2 - bits);
    const work = this.overBands((band, work) => {
      const first = scales + 4 * band.first * groups;
      this.measure(band, options, 1, { scales: first, kept: first, zeros, factor }, work);
    });
    const scale = wasm.arena.floats(scales, 1)[0] * factor;
    return { ...this.compared(work), scale, foundScale: scale, zero: 2 ** (bits - 1) };
  }

  private gridPerGroup(options: UniformPreview): UniformCompared {
    const { columns } = this.frame;
    const { groupSize, store } = options;
    const groups = groupsPerRow(columns, groupSize);
    const { arena } = this.wasm;
    const size = this.bandRows() * groups;
    const [scales, zeros, stored, scratch] = [4 * size, size, 4 * size, 64].map((bytes) =>
      arena.alloc(bytes),
    );
    const firstGrids: Pick<UniformCompared, 'scale' | 'zero' | 'foundScale'>[] = [];
    const work = this.overBands((band, work) => {
      this.find(band, columns, options, { scales, zeros, scratch });
      const found = arena.floats(scales, band.count * groups);
      if (store !== undefined) arena.write(stored, store(found));
      const kept = store === undefined ? scales : stored;
      if (band.first === 0) {
        firstGrids.push({
          scale: arena.floats(kept, 1)[0],
          foundScale: found[0],
          zero: arena.bytes(zeros, 1)[0],
        });
      }
      this.measure(band, options, 1, { scales, kept, zeros }, work);
    });
    return { ...this.compared(work), ...firstGrids[0] };
  }

  private oneGrid(options: UniformPreview): UniformCompared {
    const { arena } = this.wasm;
    const found = this.findOne(options);
    const keptScales = options.store?.(found.scales) ?? found.scales;
    const [scales, kept] = [arena.copyIn(found.scales), arena.copyIn(keptScales)];
    const zeros = arena.copyIn(found.zeros);
    const grid = { ...options, groupSize: this.frame.columns };
    const work = this.overBands((band, work) =>
      this.measure(band, grid, 0, { scales, kept, zeros }, work),
    );
    return {
      ...this.compared(work),
      ...{ scale: keptScales[0], foundScale: found.scales[0], zero: found.zeros[0] },
    };
  }

  /** The grid of the whole tensor, without copying it where it lies in the kernels' memory already. */
  private findOne(options: UniformPreview): Grids {
    const { length } = this.values;
    const whole = { ...options, groupSize: length };
    if (this.resident === undefined) return findGrids(this.values, 1, length, whole);
    const { arena } = this.wasm;
    const [scales, zeros, scratch] = [arena.alloc(4), arena.alloc(1), arena.alloc(64)];
    const all = { count: 1, source: this.resident.at };
    this.find(all, length, whole, { scales, zeros, scratch });
    return { scales: arena.floats(scales, 1).slice(), zeros: arena.bytes(zeros, 1).slice() };
  }

  private find(
    { source, count }: Pick<Band, 'source' | 'count'>,
    columns: number,
    options: UniformPreview,
    to: { scales: Pointer; zeros: Pointer; scratch: Pointer },
  ): void {
    findLoadedGrids(this.wasm, { source, ...to }, count, columns, options);
  }

  private measure(
    { source, count }: Band,
    { groupSize, bits, range }: UniformPreview,
    gridStep: 0 | 1,
    {
      scales,
      kept,
      zeros,
      factor = 1,
    }: { scales: Pointer; kept: Pointer; zeros: Pointer; factor?: number },
    work: Pointer,
  ): void {
    const codes = { groupSize, gridStep, bits, range: RANGE_NUMBER[range], factor };
    const grid = { ...codes, scales, stored: kept, zeros };
    const { columns } = this.frame;
    this.wasm.previewUniform({ values: source, rows: count, columns, ...grid, work });
  }

  /** Calls `each` for the rows of each row of heat cells, and gives back where it adds up. */
  private overBands(each: (band: Band, work: Pointer) => void): Pointer {
    const { arena } = this.wasm;
    const { rows, columns, heatRows } = this.frame;
    const window = this.resident?.at ?? arena.alloc(4 * this.bandRows() * columns);
    const work = this.newWork();
    for (let cells = 0; cells < heatRows; cells++) {
      const [first, end] = [cells, cells + 1].map((cell) => Math.ceil((cell * rows) / heatRows));
      if (this.resident === undefined)
        arena.write(window, this.values.subarray(first * columns, end * columns));
      const source = this.resident === undefined ? window : this.resident.at + 4 * first * columns;
      each({ cells, first, count: end - first, source }, work);
    }
    return work;
  }

  private newWork(): Pointer {
    const { arena } = this.wasm;
    const { bins, minimum } = this.frame;
    const work = arena.zeroed(64);
    arena.floats(work, 3).set([minimum, binFactor(this.frame), bins - 1]);
    return work;
  }

  private newPictures(): Pictures {
    const { arena } = this.wasm;
    const { columns, heatRows, heatColumns } = this.frame;
    return {
      keys: arena.zeroed(4 * columns),
      bins: arena.alloc(4 * columns),
      heat: arena.alloc(4 * heatRows * heatColumns),
      counts: this.wasm.previewCounts({}),
    };
  }

  private compared(work: Pointer): Compared {
    const { arena } = this.wasm;
    const [low, high] = new Uint32Array(arena.bytes(work + 24, 8).slice().buffer);
    return { squaredError: arena.doubles(work + 16, 1)[0], zeros: low + high * 2 ** 32 };
  }

  private pictured({ heat, counts }: Pictures): Omit<Pictured, keyof Compared> {
    const { arena } = this.wasm;
    const { heatRows, heatColumns, bins } = this.frame;
    const tables = new Uint32Array(arena.bytes(counts, 4 * TABLES * TABLE_BINS).slice().buffer);
    const histogram = new Float64Array(bins);
    for (let table = 0; table < TABLES; table++)
      for (let bin = 0; bin < bins; bin++) histogram[bin] += tables[table * TABLE_BINS + bin];
    return { heat: arena.floats(heat, heatRows * heatColumns).slice(), histogram };
  }

  private bandRows(): number {
    return Math.ceil(this.frame.rows / this.frame.heatRows);
  }
}

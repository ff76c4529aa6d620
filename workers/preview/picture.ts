import type { Entry, Span } from '../../src/core/encodings/types.ts';

export type { Entry, Span };

/** What the page asks of the preview thread, and what it gets. */
export interface PreviewRequest {
  /** Increases with every request: the newest wins, older ones resolve to undefined. */
  readonly sequence: number;
  readonly layer: string;
  /** What the weight is shown after; nothing: only as it is. A measured file goes before a step. */
  readonly step?: PreviewStep;
  readonly measured?: MeasuredFile;
  /** The weight whose block is pictured. */
  readonly entry: Entry;
  /** What the maps show, weight by weight. */
  readonly crop: Crop;
  /** Edge of the small map of everything in cells (each shows its weight of largest magnitude). */
  readonly cells: number;
  readonly bins: number;
}

export interface PreviewStep {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The file that a finished trial wrote. */
export interface MeasuredFile {
  readonly trial: string;
  readonly blob: Blob;
  /** The steps of its recipe: what form they gave a weight tells how to read it. */
  readonly steps: readonly PreviewStep[];
}

/** Rows and columns of a layer. */
export interface Crop {
  readonly rows: Span;
  readonly columns: Span;
}

export interface Preview {
  readonly sequence: number;
  readonly layer: string;
  readonly rows: number;
  readonly columns: number;
  /** The whole weight before, [rows × columns] cells, row-major. */
  readonly overview: {
    readonly rows: number;
    readonly columns: number;
    readonly values: Float32Array;
  };
  readonly before: TensorPicture;
  /** Absent where nothing is done to the weight. */
  readonly after?: AfterPicture;
  /** The part that the maps show: what was asked for, as far as the layer reaches. */
  readonly crop: Crop;
  /** Histogram range in values, the same for both. */
  readonly minimum: number;
  readonly maximum: number;
  readonly block: BlockPicture;
  readonly milliseconds: number;
  /** Why this preview stands in for the step: methods that look at data are previewed by their baseline. */
  readonly note?: string;
}

/** Singular values of one layer's weight, largest first. */
export interface Spectrum {
  readonly layer: string;
  readonly rows: number;
  readonly columns: number;
  readonly before: Float64Array;
  /** Of what was made of it; absent where nothing is done to the weight. */
  readonly after?: Float64Array;
}

/** Asks for {@link ClipCurve}: what a preview asks for, and what the squared error of each input channel counts. */
export interface ClipRequest extends Omit<PreviewRequest, 'sequence'> {
  /** Mean squares of what the layer reads, per column; left out, all count alike. */
  readonly importance?: Float32Array;
}

/** How much is lost by rounding when a grid covers only a part of its weights' range. */
export interface ClipCurve {
  readonly layer: string;
  readonly bits: number;
  /** Shares of the range that reaches the largest weight. */
  readonly ratios: Float64Array;
  /** Errors count what each channel is fed, so they are those of the output, channel by channel. */
  readonly weighted: boolean;
  readonly block: ClipErrors;
  /** All blocks cut by the same share; absent where their grids may differ by more than a scale. */
  readonly whole?: ClipErrors;
}

export interface ClipErrors {
  /** Relative squared error at each ratio. */
  readonly errors: Float64Array;
  /** Where ways of choosing the range land; none on uneven grids. */
  readonly marks: readonly ClipMark[];
  /** What was made of the block, where it is part of one row. */
  readonly own?: Omit<ClipMark, 'name'>;
  /** How many weights were rounded: of large layers some rows. */
  readonly weights: number;
}

export interface ClipMark {
  readonly name: string;
  /** On average over its groups. */
  readonly ratio: number;
  readonly error: number;
}

export interface TensorPicture {
  /** Weights per bin of values. */
  readonly histogram: Float64Array;
  /** The weights of the crop, row-major. */
  readonly crop: Float32Array;
}

export interface AfterPicture extends Omit<TensorPicture, 'histogram'> {
  /** Absent where weights are counted by their codes alone. */
  readonly histogram?: Float64Array;
  readonly from: 'file' | 'preview';
  /** What became of the weight, in a word: "quantized", "stored as float16". */
  readonly did: string;
  /** Weights in units of their own block's grid; absent where there is no grid of few values. */
  readonly codes?: GridHistogram;
  /** ‖W−Ŵ‖²/‖W‖². */
  readonly relativeError: number;
  readonly sqnr: number;
  /** How many weights are exactly zero afterwards. */
  readonly zeros: number;
}

/**
 * The weights before, and the values of the grid they went to: of a layer in units of its blocks' own scales, of one
 * block by value.
 */
export interface GridHistogram {
  /** Range of the bins. */
  readonly from: number;
  readonly to: number;
  /** Weights per bin, before. */
  readonly before: Float64Array;
  /** Where the values of the grid are: whole numbers on integer grids, which are codes unless `turned`. */
  readonly at: Float32Array;
  readonly integer: boolean;
  /** Some blocks have a negative scale, so that codes run both ways: `at` are steps from zero, not codes. */
  readonly turned?: boolean;
  /** Weights on each of them, after. */
  readonly counts: Float64Array;
  /** How many weights were counted: of very large layers some rows. */
  readonly weights: number;
}

/** One block of a weight: what shares a grid; where there is none, some weights of one row. */
export interface BlockPicture extends Crop {
  /** The weights that are drawn: of one row, some of the block where it is large. */
  readonly drawn: { readonly row: number; readonly columns: Span };
  readonly before: Float32Array;
  readonly after?: Float32Array;
  readonly grid?: BlockGrid;
  /** All weights of the block on the values it can take, by value; absent where there are no few values. */
  readonly histogram?: GridHistogram;
}

export interface BlockGrid {
  readonly bits: number;
  readonly scale: number;
  /** Of integer grids: the code that stands for 0. */
  readonly zero?: number;
  /** What the codes stand for, in their order. */
  readonly levels: Float32Array;
}

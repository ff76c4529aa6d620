/** Answers like the preview worker with made-up weights. Only the harness and tests import it. */
import type {
  ClipCurve,
  ClipRequest,
  Glance,
  ModelFolder,
  Preview,
  PreviewRequest,
  PreviewWorker,
  Spectrum,
} from '../../../workers/protocol.ts';
import { fakeView } from './fake-model.ts';
import { storedBits } from './stored-bits.ts';

const [ROWS, COLUMNS, BLOCK, LARGEST] = [172, 64, 32, 0.42];

export class FakePreview implements PreviewWorker {
  async glance(folder: ModelFolder): Promise<Glance> {
    return fakeView(folder);
  }

  async open(): Promise<void> {}

  async spectrum({ layer }: Pick<PreviewRequest, 'layer'>): Promise<Spectrum> {
    const before = Float64Array.from({ length: COLUMNS }, (_, at) => Math.exp(-at / 16));
    const after = before.map((value, at) => (at < 24 ? value : 0));
    return { layer, rows: ROWS, columns: COLUMNS, before, after };
  }

  async clipCurve({ layer, importance }: ClipRequest): Promise<ClipCurve> {
    const ratios = Float64Array.from({ length: 41 }, (_, i) => 0.25 + (i * 1.05) / 40);
    const errors = ratios.map((ratio) => 0.004 + 0.05 * (ratio - 0.8) ** 2);
    const at = (name: string, ratio: number) => ({ name, ratio, error: 0.004 });
    const marks = [at('none', 1), at('mse', 0.86), at('exact', 0.81), at('search', 0.8)];
    const block = { errors, marks, own: { ratio: 1, error: 0.006 }, weights: BLOCK };
    const whole = { errors, marks, weights: ROWS * COLUMNS };
    return { layer, bits: 4, ratios, weighted: importance !== undefined, block, whole };
  }

  async preview(request: PreviewRequest): Promise<Preview> {
    const { sequence, layer, step, entry, bins } = request;
    const bits = (step && storedBits(step)) ?? 8;
    const scale = (2 * LARGEST) / 2 ** bits;
    const before = Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => normal(at) * 0.12);
    const after = before.map((value) => Math.round(value / scale) * scale);
    const from = BLOCK * Math.floor(entry.column / BLOCK);
    const columns = { from, end: from + BLOCK };
    const drawn = (values: Float32Array) =>
      values.slice(entry.row * COLUMNS + from, entry.row * COLUMNS + columns.end);
    const zero = 2 ** (bits - 1);
    const levels = Float32Array.from({ length: 2 ** bits }, (_, code) => (code - zero) * scale);
    const at = Float32Array.from(levels, (_, code) => code);
    const position = (values: Float32Array) => values.map((value) => value / scale + zero);
    const range = { from: -1, to: 2 ** bits };
    return {
      ...{ sequence, layer, rows: ROWS, columns: COLUMNS, minimum: -LARGEST, maximum: LARGEST },
      overview: { rows: ROWS, columns: COLUMNS, values: before },
      crop: { rows: { from: 0, end: 48 }, columns: { from: 0, end: COLUMNS } },
      before: {
        crop: before.slice(0, 48 * COLUMNS),
        histogram: counts(before, bins, { from: -LARGEST, to: LARGEST }),
      },
      after: {
        ...{ from: 'preview', did: 'quantized', crop: after.slice(0, 48 * COLUMNS) },
        histogram: counts(after, bins, { from: -LARGEST, to: LARGEST }),
        codes: {
          ...{ ...range, at, integer: true, weights: ROWS * COLUMNS },
          before: counts(position(before), 160, range),
          counts: counts(position(after), 2 ** bits, { from: -0.5, to: 2 ** bits - 0.5 }),
        },
        ...{ relativeError: 0.3 / 4 ** bits, sqnr: 6.02 * bits - 1.2, zeros: 1200 },
      },
      block: {
        ...{ rows: { from: entry.row, end: entry.row + 1 }, columns },
        drawn: { row: entry.row, columns },
        ...{ before: drawn(before), after: drawn(after), grid: { bits, scale, zero, levels } },
      },
      milliseconds: 4.2,
    };
  }
}

function normal(seed: number): number {
  let sum = 0;
  for (let i = 1; i <= 4; i += 1) sum += Math.abs((Math.sin(seed * 12.9898 * i) * 43758.5453) % 1);
  return (sum - 2) * 1.7;
}

function counts(
  values: Float32Array,
  bins: number,
  { from, to }: { readonly from: number; readonly to: number },
): Float64Array {
  const result = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.floor(((value - from) / (to - from)) * bins);
    if (bin >= 0 && bin < bins) result[bin] += 1;
  }
  return result;
}

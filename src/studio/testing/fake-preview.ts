/** Answers like the preview worker with made-up weights. Only the harness and tests import it. */
import type {
  Glance,
  ModelFolder,
  Preview,
  PreviewRequest,
  PreviewWorker,
} from '../../../workers/protocol.ts';
import { fakeView } from './fake-model.ts';
import { storedBits } from './stored-bits.ts';

export class FakePreview implements PreviewWorker {
  async glance(folder: ModelFolder): Promise<Glance> {
    return fakeView(folder);
  }

  async open(): Promise<void> {}

  async preview(request: PreviewRequest): Promise<Preview> {
    const { sequence, layer, cells, bins } = request;
    const bits = storedBits(request) ?? 8;
    const levels = 2 ** bits;
    const maximum = 0.42;
    const before = Float32Array.from({ length: cells * cells }, (_, at) => normal(at) * 0.12);
    const step = (2 * maximum) / levels;
    const after = before.map((value) => Math.round(value / step) * step);
    return {
      sequence,
      layer,
      rows: 172,
      columns: 64,
      heatRows: cells,
      heatColumns: cells,
      minimum: -maximum,
      maximum,
      before: { heat: before, histogram: counts(before, bins, maximum) },
      after: { heat: after, histogram: counts(after, bins, maximum) },
      grid: Float32Array.from({ length: levels }, (_, at) => (at - levels / 2) * step),
      relativeError: 0.3 / levels ** 2,
      sqnr: 6.02 * bits - 1.2,
      zeros: Math.round((0.4 / levels) * 172 * 64),
      milliseconds: 4.2,
      note: 'GPTQ needs calibration data; the picture shows round to nearest, its baseline.',
    };
  }
}

function normal(seed: number): number {
  let sum = 0;
  for (let i = 1; i <= 4; i += 1) sum += Math.abs((Math.sin(seed * 12.9898 * i) * 43758.5453) % 1);
  return (sum - 2) * 1.7;
}

function counts(values: Float32Array, bins: number, maximum: number): Float64Array {
  const result = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.floor(((value + maximum) / (2 * maximum)) * bins);
    if (bin >= 0 && bin < bins) result[bin] += 1;
  }
  return result;
}

import { cosineSimilarity, meanCosine } from '../../core/metrics/cosine.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { neighbourMetrics } from '../../core/metrics/neighbours.ts';
import type { Metric, Metrics } from '../../core/metrics/types.ts';
import { eachMeasured } from '../../core/report/each.ts';
import type { EachMeasured } from '../../core/report/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import { toFloats } from '../values.ts';
import { Growing } from './growing.ts';
import type { ExampleBatch } from './types.ts';

/** Examples whose neighbours are looked for: all pairs are compared. */
const MOST = 2000;

/** Embeddings of the examples under both models, and what they say in the end. */
export class Embeddings {
  private readonly cosines = new Growing();
  private readonly wanted: Float64Array[] = [];
  private readonly found: Float64Array[] = [];

  /** Takes one batch's output of both models. */
  add(wanted: Value, found: Value, batch: ExampleBatch): void {
    const { count, size = count, mask } = batch;
    const [a, b] = [vectors(wanted, size, mask), vectors(found, size, mask)];
    this.cosines.push(a.slice(0, count).map((vector, e) => cosineSimilarity(vector, b[e])));
    const room = Math.min(count, MOST - this.wanted.length);
    this.wanted.push(...a.slice(0, room));
    this.found.push(...b.slice(0, room));
  }

  cosine(): Metric {
    return toMetric(meanCosine(this.cosines.values));
  }

  each(): EachMeasured | undefined {
    return eachMeasured('cosine', { compressed: this.cosines.values });
  }

  metrics(): Metrics {
    const count = this.wanted.length;
    const pair = { count, wanted: flat(this.wanted), found: flat(this.found) };
    const neighbours = neighbourMetrics(pair);
    return {
      cosine: this.cosine(),
      ...(neighbours && {
        top10: toMetric(neighbours.top10),
        rankCorrelation: toMetric(neighbours.rankCorrelation),
      }),
    };
  }
}

function flat(rows: readonly Float64Array[]): Float64Array {
  const width = rows.at(0)?.length ?? 0;
  const all = new Float64Array(rows.length * width);
  rows.forEach((row, at) => all.set(row, at * width));
  return all;
}

/** One vector per example: rows of the same example are averaged, padding left out. */
function vectors({ dims, data, dataType }: Value, count: number, mask?: Uint8Array) {
  const values = toFloats({ dims, data, dataType });
  const width = dims.at(-1) ?? 1;
  const positions = values.length / (count * width);
  const counts = mask?.length === count * positions ? mask : undefined;
  return Array.from({ length: count }, (_, e) => {
    const sum = new Float64Array(width);
    for (let row = e * positions; row < (e + 1) * positions; row++) {
      if (counts?.[row] === 0) continue;
      for (let c = 0; c < width; c++) sum[c] += values[row * width + c];
    }
    return sum;
  });
}

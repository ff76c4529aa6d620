import type { Layer } from '../../core/anatomy/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import { valueRows, type Rows } from '../layer-rows.ts';
import { toFloats } from '../values.ts';

/**
 * The gradient at what a layer makes as rows that go with those it reads: [rows, outFeatures]. The channels of a Conv's
 * output [N, outFeatures, positions …] become columns; undefined where the output has other columns.
 */
export function gradientRows(layer: Layer, gradient: Value): Rows | undefined {
  const rows = layer.op === 'Conv' ? channelsLast(gradient) : valueRows(gradient);
  return rows.columns === layer.outFeatures ? rows : undefined;
}

function channelsLast({ dims: [batch, channels, ...rest], ...value }: Value): Rows {
  const positions = rest.reduce((product, size) => product * size, 1);
  const from = toFloats({ ...value, dims: [batch, channels, positions] });
  const x = new Float32Array(from.length);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < channels; c++) {
      const start = (b * channels + c) * positions;
      for (let p = 0; p < positions; p++) {
        x[(b * positions + p) * channels + c] = from[start + p];
      }
    }
  }
  return { x, rows: batch * positions, columns: channels };
}

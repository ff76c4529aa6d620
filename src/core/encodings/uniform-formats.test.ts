import { describe, expect, it } from 'vitest';
import { encode, formOf } from '../../../test/support/methods.ts';
import { meta } from '../methods/quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../methods/quantization/round-to-nearest/round-to-nearest.ts';
import { readWeight } from '../methods/weight.ts';
import { decodeWeight, writeEncodings } from './index.ts';
import { FORMAT_CASES } from '../../../test/fixtures/methods/format-cases.ts';
import { expectedOutput, oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../test/fixtures/methods/run.ts';

/** Dot products of up to 300 numbers below 1 in magnitude: float32 rounding stays below n·2⁻²⁴. */
const tolerance = (columns: number): number => Math.max(4, columns) * 2 ** -24 * 4;

/** With the runtime's optimiser (which folds unpacking away) and without it, in turns. */
const LEVELS = ['all', 'disabled'] as const;
const CASES = FORMAT_CASES.map((test, i) => ({ ...test, level: LEVELS[i % 2] }));

describe('export formats run and mean what decodeWeight says', () => {
  it.each(CASES)('$op $rows×$columns $options opset $opset: $format', async (test) => {
    const { op, rows, columns, options, opset, format } = test;
    const { model, layer, input } = oneLayerModel(op, rows, columns, { opset });
    const parsed = meta.options.parse(options);
    const planned = formOf(roundToNearest, layer, parsed, model);

    const weight = await readWeight(model, layer);
    const { encoded } = await encode(roundToNearest, model, weight, parsed);
    const { model: real, slots } = writeEncodings(model, [{ layer, encoded }]);
    expect(slots.get('y')?.form?.id).toBe(format);
    const forecast = writeEncodings(model, [{ layer, encoded: planned }]).model;
    expect(bytesOfModel(forecast)).toBe(bytesOfModel(real));
    expect(real.graph.initializers.some(({ name }) => name === 'w')).toBe(false);

    const decoded = decodeWeight(encoded, rows, columns);
    const expected = expectedOutput(op, decoded, rows, columns, input);
    const { y } = await runModel(real, { x: input }, test.level);
    expect(y.length).toBe(expected.length);
    const worst = Math.max(...y.map((value, i) => Math.abs(value - expected[i])));
    expect(worst).toBeLessThan(tolerance(columns));
  });
});

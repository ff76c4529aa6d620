import { describe, expect, it } from 'vitest';
import { FORMAT_CASES } from '../../../../test/fixtures/methods/format-cases.ts';
import { oneLayerModel } from '../../../../test/fixtures/methods/models.ts';
import { encode } from '../../../../test/support/methods.ts';
import { findLayers } from '../../anatomy/layers.ts';
import { meta } from '../../methods/quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../../methods/quantization/round-to-nearest/round-to-nearest.ts';
import { formOf } from '../../methods/requantize.ts';
import { isRefusal } from '../../methods/site.ts';
import { readWeight } from '../../methods/weight.ts';
import { nothingSeen } from '../../statistics/seen.ts';
import { context } from '../../../../test/fixtures/methods/statistics.ts';
import type { Model } from '../../onnx/types.ts';
import { decodeWeight, writeEncodings } from '../index.ts';

async function quantized({ op, rows, columns, options, opset }: (typeof FORMAT_CASES)[number]) {
  const { model, layer } = oneLayerModel(op, rows, columns, { opset });
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(roundToNearest, model, await readWeight(model, layer), parsed);
  const { model: file } = writeEncodings(model, [{ layer, encoded }]);
  return { file, encoded, parsed, decoded: decodeWeight(encoded, rows, columns) };
}

/** The bytes of everything but the constants of unpacking. */
function weightsOf({ graph }: Model): (Uint8Array | undefined)[] {
  const stored = graph.initializers.filter(({ name }) => !name.startsWith('lathe_'));
  return stored.map(({ data }) => data.readSync?.());
}

describe('files that were quantized before', () => {
  it.each(FORMAT_CASES)('$op $rows×$columns $options opset $opset: $format', async (test) => {
    const { file, decoded } = await quantized(test);
    const layers = findLayers(file);
    expect(layers).toHaveLength(1);
    const [layer] = layers;
    expect([layer.outFeatures, layer.inFeatures]).toEqual([test.rows, test.columns]);
    expect(layer.stored?.bits).toBe(test.options['bits'] ?? 4);
    expect((await readWeight(file, layer)).values).toEqual(decoded);
  });

  const symmetric = FORMAT_CASES.filter(
    ({ options }) => options['symmetric'] !== false && options['clip'] === undefined,
  );
  it.each(symmetric)('again on the same grid: $op $options opset $opset: $format', async (test) => {
    const { file, decoded, parsed } = await quantized(test);
    const [layer] = findLayers(file);
    const form = formOf(roundToNearest, layer, parsed, file);
    if (isRefusal(form)) throw new Error(form.refused);
    const read = await readWeight(file, layer);
    const { encoder } = roundToNearest;
    const { encoded } = await encoder.encode(read, form, nothingSeen, parsed, context);
    expect(decodeWeight(encoded, test.rows, test.columns)).toEqual(decoded);
    const again = writeEncodings(file, [{ layer, encoded }]).model;
    expect(weightsOf(again)).toEqual(weightsOf(file));
  });
});

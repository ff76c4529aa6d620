import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { bytesSource } from '../onnx/source.ts';
import { readModel } from '../onnx/read.ts';
import { writeModel } from '../onnx/write.ts';
import { parseRecipe } from '../recipe/schema.ts';
import { embedReport, readEmbedded, RECIPE_KEY, REPORT_KEY } from './embed.ts';
import { buildReportSchema } from './schema.ts';
import { ERROR_KINDS, type BuildReport } from './types.ts';

const { model } = oneLayerModel('MatMul', 4, 18);
const recipe = parseRecipe({
  version: 1,
  seed: 3,
  steps: [{ method: 'gptq', options: { bits: 3 } }],
});

const layer = {
  name: 'model.layers.0 "w" é',
  method: 'gptq',
  options: recipe.steps[0].options,
  relativeError: 0.0123456789,
  baselineRelativeError: 0.5,
  errorKind: 'output',
  bytesBefore: 288,
  bytesAfter: 40,
} as const;

const report: BuildReport = {
  version: 1,
  tool: 'lathe 0.1.0',
  inputSha256: 'a'.repeat(64),
  calibrationSha256: 'b'.repeat(64),
  recipe,
  before: { bytes: 500, parameters: 72, bitsPerWeight: 32 },
  after: { bytes: 260, parameters: 72, bitsPerWeight: 4.444444 },
  coverage: {
    compressedBytes: 288,
    totalBytes: 288,
    skipped: [{ name: 'v', reason: 'Why "not".' }],
  },
  layers: [layer, { ...layer, name: 'u' }],
};

describe('a report inside a file', () => {
  it('comes back from the written file, to seven digits', async () => {
    const file = await writeModel(embedReport(model, report));
    const embedded = readEmbedded(await readModel(bytesSource(file)));
    expect(embedded?.recipe).toEqual(recipe);
    const rounded = { ...layer, relativeError: 0.01234568 };
    expect(embedded?.report).toEqual({ ...report, layers: [rounded, { ...rounded, name: 'u' }] });
    expect(buildReportSchema.parse(embedded?.report)).toEqual(embedded?.report);
  });

  it('has the same size whatever was measured', async () => {
    const length = async (change: Partial<BuildReport>): Promise<number> =>
      (await writeModel(embedReport(model, { ...report, ...change }))).byteLength;
    const size = await length({});
    const lone = { ...layer, baselineRelativeError: undefined };
    for (const errorKind of ERROR_KINDS) {
      const layers = [
        { ...layer, errorKind },
        { ...layer, name: 'u' },
      ];
      expect(await length({ layers }), errorKind).toBe(size);
    }
    const numbers = [0, 1, 1e-300, 123456.789, NaN, 3e-7];
    for (const relativeError of numbers) {
      const layers = [
        { ...layer, relativeError },
        { ...lone, name: 'u', errorKind: 'weight' as const },
      ];
      expect(await length({ layers })).toBe(size);
    }
    expect(await length({ calibrationSha256: undefined, inputSha256: '', tool: '' })).toBe(size);
    expect(await length({ after: { bytes: 0, parameters: 7e12, bitsPerWeight: 1 / 3 } })).toBe(
      size,
    );
    const warned = report.layers.map((l) => ({ ...l, warnings: ['few rows'] }));
    expect(await length({ layers: warned })).toBe(size);
  });

  it('replaces an older one and keeps other metadata', () => {
    const marked = { ...model, metadata: [{ key: 'author', value: 'me' }] };
    const twice = embedReport(embedReport(marked, report), report);
    expect(twice.metadata.map(({ key }) => key)).toEqual(['author', RECIPE_KEY, REPORT_KEY]);
  });

  it('is never an error in the file of a stranger', () => {
    expect(readEmbedded(model)).toBeUndefined();
    const with_ = (...entries: [string, string][]) => ({
      ...model,
      metadata: entries.map(([key, value]) => ({ key, value })),
    });
    expect(readEmbedded(with_([RECIPE_KEY, '{"version":9}']))).toBeUndefined();
    expect(readEmbedded(with_([RECIPE_KEY, JSON.stringify(recipe)], [REPORT_KEY, '{']))).toEqual({
      recipe,
    });
  });
});

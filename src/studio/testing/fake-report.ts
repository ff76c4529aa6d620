/** Made-up numbers of a forecast and a report. */
import { metaById } from '../../core/methods/catalog.ts';
import { selectLayers } from '../../core/recipe/targets.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { LayerReport, Report } from '../../core/report/types.ts';
import type { Forecast, ModelView } from '../../../workers/protocol.ts';
import { storedBits } from './stored-bits.ts';

function bitsOf(recipe: Recipe, name: string, view: ModelView): number {
  let bits = 32;
  for (const step of recipe.steps) {
    if (step.disabled === true) continue;
    const targeted = selectLayers(view.anatomy, step.target);
    if (targeted.some((layer) => layer.name === name)) bits = storedBits(step) ?? bits;
  }
  return bits;
}

export function fakeForecast(recipe: Recipe, view: ModelView): Forecast {
  const layers = view.anatomy.layers.map(({ name, outFeatures, inFeatures }) => {
    const bytesBefore = outFeatures * inFeatures * 4;
    const bits = bitsOf(recipe, name, view);
    const awkward = name.includes('down_proj') && bits < 8;
    return {
      name,
      bytesBefore,
      bytesAfter: awkward ? bytesBefore : Math.round((bytesBefore * bits) / 32),
      ...(awkward ? { reason: '172 columns are no multiple of the block.' } : {}),
    };
  });
  const saved = layers.reduce(
    (sum, { bytesBefore, bytesAfter }) => sum + bytesBefore - bytesAfter,
    0,
  );
  const bytes = view.bytes - saved;
  return {
    bytes,
    bitsPerWeight: (bytes * 8) / view.parameters,
    layers,
    skipped: layers.flatMap(({ name, reason }) => (reason ? [{ name, reason }] : [])),
    structure: fakeStructure(view),
    peakMemory: 38_000_000,
    trains: false,
    atMost: false,
    warnings: [],
    problems: recipe.steps.flatMap((step, index) =>
      storedBits(step) === 3
        ? [{ path: `steps[${index}].options`, message: 'Three bits would not fill whole bytes.' }]
        : [],
    ),
  };
}

/** Nothing is cut. */
function fakeStructure({ anatomy }: ModelView): Forecast['structure'] {
  return {
    blocks: anatomy.blocks.map(({ stack, layers, heads, keyValueHeads, feedForwardWidth }) => ({
      ...{ stack, layers, heads, keyValueHeads, feedForwardWidth },
    })),
    hiddenSize: anatomy.hiddenSize,
    vocabularySize: anatomy.vocabularySize,
  };
}

function layerReports(recipe: Recipe, view: ModelView): LayerReport[] {
  const forecast = fakeForecast(recipe, view);
  const last = recipe.steps.at(-1);
  return forecast.layers
    .filter(({ bytesBefore, bytesAfter }) => bytesAfter < bytesBefore)
    .map((layer, at) => {
      const baseline =
        0.004 * (1 + ((at * 37) % 11) / 5) * (33 / bitsOf(recipe, layer.name, view)) ** 1.6 * 0.1;
      const compared = last && metaById(last.method)?.baseline !== undefined;
      return {
        ...layer,
        method: last?.method ?? '',
        options: last?.options ?? {},
        relativeError: compared ? baseline * (at % 9 === 0 ? 1.08 : 0.62) : baseline,
        ...(compared ? { baselineRelativeError: baseline } : {}),
        errorKind: 'output' as const,
        ...(at === 4 ? { warnings: ['512 calibration rows for 172 columns: few.'] } : {}),
      };
    });
}

export function fakeReport(recipe: Recipe, view: ModelView): Report {
  const forecast = fakeForecast(recipe, view);
  const bits = forecast.bitsPerWeight;
  const harm =
    Math.exp(-0.9 * (bits - 3)) *
    (recipe.steps.some(({ method }) => metaById(method)?.baseline) ? 0.6 : 1);
  const metric = (value: number, standardError: number) => ({ value, standardError, n: 60 });
  return {
    version: 1,
    tool: 'fake',
    inputSha256: view.sha256,
    recipe,
    before: { bytes: view.bytes, parameters: view.parameters, bitsPerWeight: 32 },
    after: { bytes: forecast.bytes, parameters: view.parameters, bitsPerWeight: bits },
    coverage: {
      compressedBytes: forecast.layers.reduce(
        (s, l) => s + (l.bytesAfter < l.bytesBefore ? l.bytesBefore : 0),
        0,
      ),
      totalBytes: view.bytes,
      skipped: forecast.skipped,
    },
    layers: layerReports(recipe, view),
    outputSha256: '9f2c0f6e1b7a4d55c3a0d9e8b7f60514233241506978890a1b2c3d4e5f607182',
    forecastBytes: forecast.bytes,
    verified: true,
    scores: 'quality',
    evaluation: {
      data: 'evaluation.txt',
      sha256: '',
      protocol: '60 windows of 256 tokens, stride 256.',
      original: { perplexity: metric(3.548, 0.061) },
      compressed: {
        perplexity: metric(3.548 + harm * 4, 0.066),
        kl: metric(harm * 0.9, 0.004 + harm * 0.02),
        klMedian: metric(harm * 0.5, 0.003),
        kl99: metric(harm * 4.1, 0.05),
        sameTop1: metric(Math.max(0.2, 1 - harm * 0.9), 0.004),
      },
      difference: { perplexity: metric(harm * 4, 0.02) },
    },
    latency: {
      wasm: {
        original: { median: 21.4, p90: 24.1, n: 20 },
        compressed: { median: 16.2, p90: 19.8, n: 20 },
      },
    },
    parity: { wasm: true, webgpu: true, maxAbsDiff: 3.1e-6 },
  };
}

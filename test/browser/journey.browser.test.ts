import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report/types.ts';
import type { Host } from '../../src/engine/host.ts';
import type { Trial } from '../../src/engine/trials/types.ts';
import { generateBoth } from '../../src/runtime/generate.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime, type WebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import {
  deviceHost,
  journey,
  journeyInput,
  journeyRecipe,
  LORA,
  LOST,
} from '../support/page-journey.ts';

/**
 * Tolerances. One float32 rounding is off by at most u = 2⁻²⁴ of its value, so a sum of K products by K·u of
 * Σ|ab| in whatever order it is made, and two devices by twice that. The longest way through the model here is
 * 12 sums (7 projections, 2 products of attention, 3 norms) of at most K = 64 terms, which add up to first
 * order: scores of two devices lie within
 *   δ = 12 · 64 · 2u = 9.2·10⁻⁵
 * of the largest score. (Exponentials of WGSL are off by a few u, once per softmax: less than one such sum.)
 */
const U = 2 ** -24;
const DELTA = 12 * 64 * 2 * U;
/**
 * −log softmax moves by at most twice what its scores move by, and no score of this model exceeds 16: a
 * normalised input has the norm √32 and a row of the head about 0.3·√32, so by Cauchy and Schwarz |z| ≤ 0.3·32.
 */
const NLL = 2 * DELTA * 16;
/**
 * A layer's error is a quotient of quadratic forms in its inputs: numerator and denominator move by 2δ each. A
 * code flips only where both neighbours are as good to within that.
 */
const LAYER = 4 * DELTA;
/**
 * AdamW divides a gradient by its own size: where it is zero to within δ of the largest (at most 1: it is
 * clipped to norm 1) a step of the learning rate may go either way. Each such weight changes the loss by at
 * most δ · 2·rate; all others move with their gradient's relative error, which is less.
 */
const perStep = (weights: number) => weights * DELTA * 2 * LORA.learningRate;

let wasm: Runtime;
let webgpu: WebGpuRuntime;
let reference: Trial;
let host: Host;
beforeAll(async () => {
  wasm = await createWasmRuntime({ threads: 1 });
  webgpu = await createWebGpuRuntime();
  reference = await journey(deviceHost(wasm), journeyRecipe(LORA));
  host = deviceHost(webgpu, wasm);
}, 120_000);
afterAll(() => webgpu.gpu.destroy());

function reportOf({ report }: Trial): Report {
  if (report === undefined) throw new Error('the trial has no report');
  return report;
}

describe('GPTQ with calibration, a low-rank adapter and their evaluation', () => {
  it('are the same on WebGPU as on WebAssembly, to within rounding', async () => {
    const trial = await journey(host, journeyRecipe(LORA));
    const [found, wanted] = [reportOf(trial), reportOf(reference)];
    expect(found.device).toMatchObject({ bytes: ['webgpu'], measured: 'webgpu' });
    expect(wanted.device).toMatchObject({ bytes: ['wasm'], measured: 'wasm' });
    expect(trial.id).not.toBe(reference.id);
    expect(found.notMeasured).toBeUndefined();
    expect(found.warnings ?? []).toEqual(wanted.warnings ?? []);
    expect(Object.keys(found.latency)).toEqual(['webgpu']);
    expectLayers(found, wanted);
    expectScores(found, wanted);
    expectTraining(found, wanted);
  });

  it('write the same text', async () => {
    const { open } = await journeyInput(journeyRecipe());
    const sessions = [await wasm.open(open.model), await webgpu.open(open.model)];
    const [left, right] = sessions;
    const options = { tokens: 6, contextLength: 24 };
    const { original, compressed } = await generateBoth(left, right, [1, 5, 9], options);
    expect(original).toHaveLength(6);
    expect(compressed.map(({ id }) => id)).toEqual(original.map(({ id }) => id));
    for (const session of sessions) await session.release();
  });
});

function expectLayers(found: Report, wanted: Report): void {
  expect(found.layers).toHaveLength(wanted.layers.length);
  for (const [i, { name, relativeError }] of found.layers.entries()) {
    const other = wanted.layers[i].relativeError;
    expect(Math.abs(relativeError - other), name).toBeLessThanOrEqual(LAYER * other);
  }
}

function expectScores(found: Report, wanted: Report): void {
  for (const side of ['original', 'compressed'] as const) {
    const value = (report: Report) => report.evaluation?.[side].perplexity?.value ?? NaN;
    expect(Math.abs(Math.log(value(found) / value(wanted))), side).toBeLessThan(NLL);
  }
  const kl = (report: Report) => report.evaluation?.compressed.kl?.value ?? NaN;
  // Both distributions move; each by NLL at every token.
  expect(Math.abs(kl(found) - kl(wanted))).toBeLessThan(2 * NLL);
}

function expectTraining(found: Report, wanted: Report): void {
  const [mine, other] = [found.training?.at(0), wanted.training?.at(0)];
  if (mine === undefined || other === undefined) throw new Error('nothing was trained');
  expect(mine.curve).toHaveLength(LORA.steps);
  for (const [i, [step, loss]] of mine.curve.entries()) {
    const tolerance = NLL + step * perStep(mine.trainedParameters);
    expect(Math.abs(loss - other.curve[i][1]), `step ${step}`).toBeLessThan(tolerance);
  }
}

describe('a graphics device that is lost in the middle of a training', () => {
  it('keeps the steps before it, and has the training done again on WebAssembly, whole', async () => {
    const longer = { ...LORA, steps: 3 };
    const trial = await journey(host, journeyRecipe(longer), {
      onTraining: ({ step }) => {
        if (step === 2) webgpu.gpu.destroy();
      },
    });
    const report = reportOf(trial);
    expect(report.warnings).toContain(LOST);
    expect(report.device).toMatchObject({ bytes: ['webgpu', 'wasm'], measured: 'wasm' });
    expect(report.training?.at(0)?.curve).toHaveLength(3);
    expectLayers(report, reportOf(reference));
  });
});

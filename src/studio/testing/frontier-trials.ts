/** Made-up trials of one model, for tests, golden pictures and the benchmark of the chart. */
import type { DeviceLatency } from '../../core/report/types.ts';
import type { Trial } from '../../../workers/protocol.ts';

export const ORIGINAL_BYTES = 1_243_495;
export const ORIGINAL_PERPLEXITY = 3.573;

export interface Made {
  readonly name: string;
  readonly bytes: number;
  /** Of the paired difference to the original's perplexity. */
  readonly worse: number;
  readonly error: number;
  readonly milliseconds?: number;
  readonly shipped?: true;
}

/** A finished trial with what the chart looks at. */
export function madeTrial(made: Made, index: number, sha256 = 'a'.repeat(64)): Trial {
  const { name, bytes, worse, error, milliseconds, shipped } = made;
  const recipe = {
    version: 1 as const,
    seed: 0,
    steps: [{ method: 'made', target: 'all' as const, options: { index } }],
  };
  const size = { parameters: 260_000, bitsPerWeight: 32 };
  const metric = (value: number, standardError: number) => ({ value, standardError, n: 60 });
  const harm = Math.abs(worse) / ORIGINAL_PERPLEXITY;
  return {
    ...{ id: `made-${index}`, name, recipe, createdAt: index, state: 'done' },
    model: { name: 'stories', sha256 },
    ...(shipped ? { shipped } : {}),
    report: {
      ...{ version: 1, tool: 'made', inputSha256: sha256, recipe },
      outputSha256: index.toString(16).padStart(64, '0'),
      ...{ forecastBytes: bytes, verified: true, scores: 'quality', layers: [] },
      before: { ...size, bytes: ORIGINAL_BYTES },
      after: { ...size, bytes },
      coverage: { compressedBytes: bytes, totalBytes: ORIGINAL_BYTES, skipped: [] },
      latency: milliseconds === undefined ? {} : { wasm: timed(milliseconds) },
      evaluation: {
        ...{ data: 'evaluation.txt', sha256: 'e'.repeat(64), protocol: '60 documents' },
        original: { perplexity: metric(ORIGINAL_PERPLEXITY, 0.081) },
        compressed: {
          perplexity: metric(ORIGINAL_PERPLEXITY + worse, 0.081 * (1 + harm)),
          kl: metric(0.0004 + 0.8 * harm, (0.0004 + 0.8 * harm) / 30),
          sameTop1: metric(Math.max(0.2, 0.995 - 0.6 * harm), 0.002),
        },
        difference: { perplexity: metric(worse, error) },
      },
    },
  };
}

function timed(milliseconds: number): DeviceLatency {
  const pair = (long: number, original: number) => ({
    original: { median: original, p90: original * 1.1, n: 20 },
    compressed: { median: long, p90: long * 1.1, n: 20 },
  });
  return {
    ...pair(milliseconds, 188),
    long: { tokens: 512, ...pair(milliseconds, 188) },
  };
}

const made = (...all: readonly Made[]): Trial[] => all.map((one, at) => madeTrial(one, at));

const SAFE: Made = { name: 'small-and-safe', bytes: 358_839, worse: 0.0022, error: 0.0016 };
const HALF: Made = { name: 'fp16', bytes: 665_000, worse: 0.0001, error: 0.0002 };
const TINY: Made = { name: 'tiny', bytes: 272_303, worse: 0.297, error: 0.014 };
const FOUR: Made = { name: 'q4', bytes: 382_000, worse: 0.39, error: 0.018 };
const TWO: Made = { name: 'q2', bytes: 325_000, worse: 59.93, error: 2.1 };

export const FEW = made(SAFE, TINY, FOUR);
export const ONE_OUTLIER = made(SAFE, TINY, FOUR, HALF, TWO);
export const NOISE_ONLY = made(SAFE, HALF, {
  ...{ name: 'prune 1 %', bytes: 1_230_000, worse: -0.0012, error: 0.0019 },
});
export const TIMED = made(
  { ...SAFE, milliseconds: 206 },
  { ...TINY, milliseconds: 151 },
  { ...FOUR, milliseconds: 183 },
  { ...HALF, milliseconds: 240 },
);
export const CROWDED = made(
  ...[SAFE, HALF, TINY, FOUR, TWO],
  { name: 'gptq 3 bits 32', bytes: 252_000, worse: 0.42, error: 0.02 },
  { name: 'gptq 4 bits 16', bytes: 214_000, worse: 1.43, error: 0.05 },
  { name: 'gptq 4 bits 64', bytes: 291_000, worse: 1.38, error: 0.05 },
  { name: 'q4f16', bytes: 310_000, worse: 0.52, error: 0.02 },
  { name: 'distill shallow → q8', bytes: 458_000, worse: 0.71, error: 0.03 },
  { name: 'magnitude 30 % → q8', bytes: 442_000, worse: 1.02, error: 0.04 },
  { name: 'gptq 3 bits 64 → adapter', bytes: 364_000, worse: 1.19, error: 0.04 },
  { name: 'adapter r 8', bytes: 1_243_495, worse: 0.1345, error: 0.0088 },
  { name: 'awq 4 bits', bytes: 329_000, worse: 0.58, error: 0.02 },
  { name: 'q8 channel', bytes: 395_000, worse: 0.84, error: 0.03 },
  { name: 'spectral 40', bytes: 421_000, worse: 0.95, error: 0.04 },
);

/** As many as someone has after weeks: spread over sizes and losses, the same at every call. */
export function many(count: number, sha256?: string): Trial[] {
  let state = 7;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: count }, (_, at) => {
    const bytes = Math.round(ORIGINAL_BYTES / 2 ** (0.3 + 2.7 * random()));
    const worse = 0.002 * (ORIGINAL_BYTES / bytes) ** 2.2 * Math.exp(3 * random());
    const milliseconds = 150 + 90 * random();
    const one = { name: `trial ${at + 1}`, bytes, worse, error: 0.001 + worse / 25, milliseconds };
    return madeTrial(one, at, sha256);
  });
}

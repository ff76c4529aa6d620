import { describe, expect, it } from 'vitest';
import { reportSchema } from './schema.ts';
import type { Report } from './types.ts';
import { parseRecipe } from '../recipe/schema.ts';

const size = { bytes: 1, parameters: 1, bitsPerWeight: 8 };
const timing = { median: 1, p90: 2, n: 5 };

const report: Report = {
  version: 1,
  tool: 'lathe 0.1.0',
  inputSha256: '0'.repeat(64),
  recipe: parseRecipe({ version: 1, steps: [{ method: 'float16' }] }),
  before: size,
  after: size,
  coverage: { compressedBytes: 0, totalBytes: 1, skipped: [] },
  layers: [],
  outputSha256: '1'.repeat(64),
  forecastBytes: 1,
  verified: true,
  scores: 'quality',
  evaluation: {
    data: 'sample:stories',
    sha256: '2'.repeat(64),
    protocol: '8 windows of 256 tokens',
    original: { perplexity: { value: 3.5, standardError: 0.1, n: 8 } },
    compressed: { perplexity: { value: 3.6, standardError: 0.1, n: 8 } },
    difference: {},
  },
  latency: { wasm: { original: timing, compressed: timing } },
  parity: { wasm: true, webgpu: false, maxAbsDiff: 0, reason: 'no adapter' },
};

describe('reportSchema', () => {
  it('takes a whole report from JSON', () => {
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('takes latency at a short and a long input, and reports from before there was any', () => {
    const at = { tokens: 16, original: timing, compressed: timing };
    const wasm = { original: timing, compressed: timing, short: at, long: { ...at, tokens: 256 } };
    const full = { ...report, latency: { wasm } };
    expect(reportSchema.parse(JSON.parse(JSON.stringify(full)))).toEqual(full);
    expect(reportSchema.parse(report).latency).toEqual(report.latency);
    const nameless = { ...wasm, short: { original: timing, compressed: timing } };
    expect(reportSchema.safeParse({ ...report, latency: { wasm: nameless } }).success).toBe(false);
  });

  it('takes a report of what was not measured', () => {
    const { evaluation, parity, ...rest } = report;
    expect(evaluation && parity).toBeDefined();
    const unmeasured = { ...rest, latency: {}, notMeasured: 'The operator Conv failed.' };
    expect(reportSchema.parse(JSON.parse(JSON.stringify(unmeasured)))).toEqual(unmeasured);
    expect(reportSchema.safeParse({ ...unmeasured, notMeasured: 3 }).success).toBe(false);
  });

  it.each([
    ['a later version', { version: 2 }],
    ['a hash that is none', { outputSha256: 'xyz' }],
    ['an unknown metric', { evaluation: { ...report.evaluation, original: { bleu: 1 } } }],
    ['a broken recipe', { recipe: { version: 1 } }],
    ['a negative size', { before: { ...size, bytes: -1 } }],
  ])('refuses %s', (_, change) => {
    expect(reportSchema.safeParse({ ...report, ...change }).success).toBe(false);
  });
});

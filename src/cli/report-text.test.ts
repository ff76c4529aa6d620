import { afterEach, expect, it, vi } from 'vitest';
import { parseRecipe } from '../core/recipe/schema.ts';
import { FILE_ONLY, type Report } from '../core/report/types.ts';
import { printReport } from './report-text.ts';

afterEach(() => vi.restoreAllMocks());

const size = { bytes: 10, parameters: 2, bitsPerWeight: 40 };
const UNMEASURED: Report = {
  ...{ version: 1, tool: 'lathe', inputSha256: '', outputSha256: '', forecastBytes: 10 },
  recipe: parseRecipe({ version: 1, steps: [{ method: 'float16' }] }),
  ...{ before: size, after: size, layers: [] },
  coverage: { compressedBytes: 1, totalBytes: 1, skipped: [] },
  ...{ verified: false, scores: 'fidelity', latency: {}, notMeasured: 'The operator Conv failed.' },
};

function printed(report: Report): string {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  printReport('out.onnx', report);
  return lines.join('');
}

const metrics = { cosine: { value: 1, standardError: 0, n: 1 } };
const evaluation = {
  ...{ data: 'd', sha256: '', protocol: '1 example' },
  ...{ original: {}, compressed: metrics, difference: {} },
};

it('begins with what it costs and whether it is worth it', () => {
  const perplexity = (value: number, standardError: number) => ({
    perplexity: { value, standardError, n: 3980 },
  });
  const quality = {
    ...{ data: 'd', sha256: '', protocol: '60 documents', stopped: { done: 12, of: 60 } },
    ...{ original: perplexity(3.573, 0.08), compressed: perplexity(3.575, 0.08) },
    difference: perplexity(0.002, 0.001),
  };
  const before = { ...size, bytes: 35 };
  const text = printed({
    ...{ ...UNMEASURED, before, scores: 'quality', evaluation: quality, notMeasured: undefined },
  });
  expect(text.split('\n').slice(0, 3)).toEqual([
    'out.onnx',
    '3.5× smaller, no measurable loss (+0.0020 ± 0.0010 perplexity)',
    'measured on 12 of 60, then stopped',
  ]);
  expect(printed(UNMEASURED).split('\n')[1]).toBe(
    'same size, quality not measured (The operator Conv failed)',
  );
});

it('says at which lengths the smaller model is the slower one', () => {
  const took = (median: number) => ({ median, p90: median, n: 10 });
  const pair = { original: took(100), compressed: took(270) };
  const long = { tokens: 256, original: took(1000), compressed: took(990) };
  const wasm = { ...pair, short: { tokens: 16, ...pair }, long };
  const text = printed({ ...UNMEASURED, notMeasured: undefined, evaluation, latency: { wasm } });
  expect(text).toContain(
    'latency wasm: 100.0 → 270.0 ms (median of 10)\n  at 16 tokens: 100.0 → 270.0 ms\n  at 256 tokens: 1000.0 → 990.0 ms\nsmaller, but 2.7× slower at 16 tokens on WASM\n',
  );
});

it('says what was not measured, and why', () => {
  const text = printed(UNMEASURED);
  expect(text).toContain('bytes 10, forecast 10, NOT verified\n');
  expect(text).toContain('Not measured on made-up inputs: The operator Conv failed.\n');
  expect(printed({ ...UNMEASURED, scores: 'quality' })).toContain(
    '\nNot measured: The operator Conv failed.\n',
  );
  expect(printed({ ...UNMEASURED, scores: 'quality', evaluation })).toContain(
    '\nLatency not measured: The operator Conv failed.\n',
  );
  expect(printed({ ...UNMEASURED, notMeasured: FILE_ONLY })).toContain(
    '\nNot measured: you asked for the file only\n',
  );
  expect(printed({ ...UNMEASURED, notMeasured: undefined, evaluation })).not.toMatch(
    /^(Latency n|N)ot measured/m,
  );
});

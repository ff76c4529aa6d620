import { describe, expect, it } from 'vitest';
import type { Metric, MetricName, Metrics } from '../metrics/types.ts';
import { parseRecipe } from '../recipe/schema.ts';
import type { DeviceLatency, Report } from './types.ts';
import type { Speed } from './speed.ts';
import { halfWidth, qualityVerdict, verdictOf, type QualityVerdict } from './verdict.ts';
import {
  clauseText,
  qualityClause,
  sizeWords,
  speedClause,
  verdictSentence,
} from './verdict-words.ts';

const metric = (value: number, standardError: number, n = 2000): Metric => ({
  ...{ value, standardError, n },
});

const qualityWords = (quality: QualityVerdict) => clauseText(qualityClause(quality));
const speedWords = (speed: Speed, where?: string) => clauseText(speedClause(speed, where));

const size = (bytes: number) => ({ bytes, parameters: 100, bitsPerWeight: 8 });

function report(more: Partial<Report> = {}): Report {
  return {
    ...{ version: 1, tool: 'lathe', inputSha256: '', outputSha256: '', forecastBytes: 10 },
    recipe: parseRecipe({ version: 1, steps: [{ method: 'float16' }] }),
    ...{ before: size(350), after: size(100), layers: [], latency: {} },
    coverage: { compressedBytes: 1, totalBytes: 1, skipped: [] },
    ...{ verified: true, scores: 'quality' },
    ...more,
  };
}

const evaluated = (original: Metrics, compressed: Metrics, difference: Metrics = {}) => ({
  ...{ data: 'd', sha256: 'e', protocol: 'p', original, compressed, difference },
});

/** Perplexity 3.573 and a paired difference. */
function perplexity(value: number, standardError: number, n = 3980) {
  return evaluated(
    { perplexity: metric(3.573, 0.08, n) },
    { perplexity: metric(3.573 + value, 0.08, n) },
    { perplexity: metric(value, standardError, n) },
  );
}

/** Accuracy 81 % and a paired difference. */
function accuracy(value: number, standardError: number, n = 2000) {
  return evaluated(
    { accuracy: metric(0.81, 0.009, n) },
    { accuracy: metric(0.81 + value, 0.009, n), agreement: metric(0.99, 0.002, n) },
    { accuracy: metric(value, standardError, n) },
  );
}

const compared = (name: MetricName, value: number, standardError: number, n = 2000) =>
  evaluated({}, { [name]: metric(value, standardError, n) });

describe('quality against the original', () => {
  const CASES = [
    // [what, evaluation, word, finding, sentence]; 1 % of 3.573 is 0.0357
    [perplexity(0.1345, 0.0088), 'worse', 'worse', 'worse (+0.1345 ± 0.0088 perplexity, +3.8 %)'],
    [perplexity(-0.12, 0.02), 'better', 'better', 'better (−0.120 ± 0.020 perplexity, −3.4 %)'],
    [
      ...[perplexity(0.002, 0.001), 'equal', 'equal'],
      'no measurable loss (+0.0020 ± 0.0010 perplexity)',
    ],
    // The same function in another order of sums: more than chance, and nothing.
    [
      ...[perplexity(1.6e-7, 7e-8), 'equal', 'equal'],
      'no measurable loss (+1.6e-7 ± 7.0e-8 perplexity)',
    ],
    [
      ...[perplexity(3e-5, 1e-5), 'worse', 'slightly-worse'],
      'slightly worse, more than chance (+3.0e-5 ± 1.0e-5 perplexity, +0.0008 %)',
    ],
    [
      perplexity(-0.002, 0.001),
      'equal',
      'equal',
      'no measurable loss (−0.0020 ± 0.0010 perplexity)',
    ],
    [
      ...[perplexity(0.0021, 0.0008), 'worse', 'slightly-worse'],
      'slightly worse, more than chance (+0.00210 ± 0.00080 perplexity, +0.059 %)',
    ],
    [
      ...[perplexity(-0.0021, 0.0008), 'better', 'slightly-better'],
      'slightly better, more than chance (−0.00210 ± 0.00080 perplexity, −0.059 %)',
    ],
    [
      ...[perplexity(0.01, 0.02, 12), 'not-measured', 'not-told-apart'],
      'not told apart from the original with n = 12 (+0.010 ± 0.020 perplexity, +0.28 %)',
    ],
    [
      ...[perplexity(0.01, Infinity, 200), 'not-measured', 'one-example'],
      'quality not measured (one example says nothing about its error: +0.0100 perplexity, +0.28 %)',
    ],
    [perplexity(NaN, NaN), 'worse', 'no-number', 'worse: its perplexity is no number'],
    [perplexity(Infinity, NaN), 'worse', 'no-number', 'worse: its perplexity is no number'],
    [perplexity(0, 0), 'equal', 'equal', 'no measurable loss (0.00 ± 0.00 perplexity)'],
    [...[accuracy(-0.03, 0.004), 'worse', 'worse'], 'worse (−3.00 ± 0.40 points of accuracy)'],
    [accuracy(0.03, 0.004), 'better', 'better', 'better (+3.00 ± 0.40 points of accuracy)'],
    [
      ...[accuracy(-0.001, 0.001), 'equal', 'equal'],
      'no measurable loss (−0.10 ± 0.10 points of accuracy)',
    ],
    [
      ...[accuracy(-0.005, 0.002), 'worse', 'slightly-worse'],
      'slightly worse, more than chance (−0.50 ± 0.20 points of accuracy)',
    ],
    [
      ...[accuracy(-0.01, 0.01, 100), 'not-measured', 'not-told-apart'],
      'not told apart from the original with n = 100 (−1.0 ± 1.0 points of accuracy)',
    ],
    [
      ...[compared('agreement', 0.9975, 0.001), 'equal', 'equal'],
      'practically the same (agreement 99.75 % ± 0.10)',
    ],
    [compared('agreement', 0.9, 0.01), 'worse', 'worse', 'worse (agreement 90.0 % ± 1.0)'],
    [
      ...[compared('agreement', 0.995, 0.003, 500), 'not-measured', 'not-told-apart'],
      'not told apart from the original with n = 500 (agreement 99.50 % ± 0.30)',
    ],
    [
      ...[compared('cosine', 0.9995, 0.0001), 'equal', 'equal'],
      'practically the same (cosine 0.99950 ± 0.00010)',
    ],
    [
      ...[compared('relativeError', 0.04, 0.001), 'worse', 'worse'],
      'worse (relative error 0.0400 ± 0.0010)',
    ],
  ] as const;

  it.each(CASES.map(([evaluation, ...said]) => [said[2], said, evaluation] as const))(
    '%s',
    (_, said, evaluation) => {
      const [word, finding, sentence] = said;
      const verdict = verdictOf(report({ evaluation }));
      expect(verdict).toMatchObject({ word, finding });
      expect(qualityWords(verdict)).toBe(sentence);
    },
  );

  it('does not take "no answer changed" of a few examples for "no answer changes"', () => {
    expect(halfWidth('accuracy', metric(0, 0, 12))).toBe(0.25);
    const few = (n: number) => qualityVerdict(accuracy(0, 0, n)).finding;
    expect(few(12)).toBe('not-told-apart');
    expect(few(299)).toBe('not-told-apart');
    expect(few(300)).toBe('equal');
    expect(qualityVerdict(compared('agreement', 1, 0, 12)).word).toBe('not-measured');
  });

  it('counts documents where the report knows each', () => {
    const each = { metric: 'perplexity', compressed: [1.2, 1.3, 1.4] } as const;
    const verdict = qualityVerdict({ ...perplexity(0.01, 0.02), each });
    expect(qualityWords(verdict)).toMatch(/^not told apart from the original with n = 3 /);
  });

  it('adds the errors where the difference was not taken in pairs', () => {
    const verdict = qualityVerdict({ ...perplexity(0.1, 0.001), difference: {} });
    expect(verdict).toMatchObject({ word: 'not-measured', finding: 'not-told-apart' });
    expect(verdict.difference?.standardError).toBeCloseTo(0.08 * Math.SQRT2, 12);
  });

  it('says why there is none', () => {
    const words = (more: Partial<Report>) => {
      const verdict = verdictOf(report(more));
      expect(verdict.word).toBe('not-measured');
      return qualityWords(verdict);
    };
    expect(words({ notMeasured: 'The operator Conv failed.' })).toBe(
      'quality not measured (The operator Conv failed)',
    );
    expect(words({})).toBe('quality not measured (nothing was measured on it)');
    const madeUp = compared('relativeError', 0.0012, 0.0001, 8);
    expect(words({ scores: 'fidelity', evaluation: madeUp })).toBe(
      'quality not measured (no data, only made-up inputs: relative error 0.00120 ± 0.00010)',
    );
    const alone = evaluated({}, { perplexity: metric(9, 0.1) });
    expect(words({ evaluation: alone })).toBe(
      'quality not measured (the original was not measured beside it)',
    );
    expect(words({ evaluation: evaluated({}, { kl: metric(0.1, 0.01) }) })).toBe(
      'quality not measured (nothing was measured on it)',
    );
  });

  it('keeps how far a measurement came that was ended', () => {
    const stopped = { done: 12, of: 60 };
    const evaluation = { ...perplexity(0.002, 0.001), stopped };
    expect(verdictOf(report({ evaluation })).stopped).toEqual(stopped);
  });
});

describe('size and speed', () => {
  it('says how many times smaller or larger', () => {
    expect(sizeWords(3.5)).toBe('3.5× smaller');
    expect(sizeWords(31.6)).toBe('32× smaller');
    expect(sizeWords(1.02)).toBe('1.02× smaller');
    expect(sizeWords(1.005)).toBe('same size');
    expect(sizeWords(0.5)).toBe('2.0× larger');
  });

  const took = (median: number, p90 = median) => ({ median, p90, n: 10 });
  const pair = (original: number, compressed: number) => ({
    ...{ original: took(original), compressed: took(compressed) },
  });
  const speed = (wasm: DeviceLatency) => {
    const found = verdictOf(report({ latency: { wasm: { ...wasm, threads: 1 } } })).speed;
    return found && speedWords(found);
  };

  it('speaks of a short input by its medians: long runs among many come and go', () => {
    const at = (n: number, short: number, p90: number) =>
      speed({
        ...pair(100, 100),
        short: {
          tokens: 16,
          original: { median: 1, p90, n },
          compressed: { median: short, p90: p90 + short - 1, n },
        },
        long: { tokens: 256, ...pair(20, 20) },
      });
    const both = 'as fast at 256 tokens but 1.5× slower at 16 here (WASM, 1 thread)';
    const long = 'as fast here (256 tokens, WASM, 1 thread)';
    expect([1.1, 1.6, 2.5].map((p90) => at(100, 1.5, p90))).toEqual([both, both, both]);
    expect(at(5, 1.5, 2.5)).toBe(long);
    expect(at(100, 0.5, 1.1)).toBe(
      'as fast at 256 tokens but 2.0× faster at 16 here (WASM, 1 thread)',
    );
    expect(at(5, 0.5, 1.1)).toBe(long);
    expect(at(100, 1.2, 1.1)).toBe(long);
  });

  it('takes the longest length, and names a short one that differs from it', () => {
    const at = (short: number, long: number) =>
      speed({
        ...pair(100, 100),
        short: { tokens: 16, ...pair(100, short) },
        long: { tokens: 256, ...pair(100, long) },
      });
    expect(at(100, 112)).toBe('1.1× slower here (256 tokens, WASM, 1 thread)');
    expect(at(130, 112)).toBe('1.1× slower here (256 tokens, WASM, 1 thread)');
    expect(at(109, 101)).toBe('as fast here (256 tokens, WASM, 1 thread)');
    expect(at(270, 101)).toBe('as fast at 256 tokens but 2.7× slower at 16 here (WASM, 1 thread)');
    expect(at(270, 50)).toBe(
      '2.0× faster at 256 tokens but 2.7× slower at 16 here (WASM, 1 thread)',
    );
    expect(at(50, 112)).toBe('1.1× slower here (256 tokens, WASM, 1 thread)');
    expect(at(100, 101)).toBe('as fast here (256 tokens, WASM, 1 thread)');
    expect(at(100, 50)).toBe('2.0× faster here (256 tokens, WASM, 1 thread)');
  });

  it('takes what lies within the spread for as fast', () => {
    expect(speed(pair(100, 109))).toBe('as fast here (WASM, 1 thread)');
    const wide = { original: took(100, 140), compressed: took(130) };
    expect(speed(wide)).toBe('as fast here (WASM, 1 thread)');
    expect(speed({ original: took(100), compressed: took(80, 110) })).toBe(
      'as fast here (WASM, 1 thread)',
    );
    expect(speed({ original: took(100), compressed: took(80, 95) })).toBe(
      '1.3× faster here (WASM, 1 thread)',
    );
  });

  it('names the device that was measured on', () => {
    const latency = { wasm: pair(1, 1), webgpu: pair(10, 30) };
    const device = { bytes: [], measured: 'webgpu' } as const;
    const found = verdictOf(report({ latency, device })).speed;
    expect(found && speedWords(found, 'at home')).toBe('3.0× slower at home (WebGPU)');
    expect(verdictOf(report()).speed).toBeUndefined();
  });
});

it('makes one line of all, with the baseline beside it', () => {
  const took = (median: number) => ({ median, p90: median, n: 10 });
  const at = { tokens: 512, original: took(100), compressed: took(112) };
  const layer = { name: 'a', method: 'm', options: {}, relativeError: 1, errorKind: 'output' };
  const verdict = verdictOf(
    report({
      evaluation: perplexity(0.002, 0.001),
      latency: { wasm: { ...at, long: at, threads: 1 } },
      layers: [
        { ...layer, ...{ baselineRelativeError: 2, bytesBefore: 1, bytesAfter: 1 } },
      ] as never,
    }),
  );
  expect(verdictSentence(verdict)).toBe(
    '3.5× smaller, no measurable loss (+0.0020 ± 0.0010 perplexity), 1.1× slower here (512 tokens, WASM, 1 thread)',
  );
  expect(verdictSentence({ ...verdict, size: 1, cache: 6.74 })).toBe(
    'same size, cache 6.7× smaller, no measurable loss (+0.0020 ± 0.0010 perplexity), 1.1× slower here (512 tokens, WASM, 1 thread)',
  );
  expect(verdict.againstBaseline).toEqual([{ method: 'm', word: 'better', won: 1, total: 1 }]);
  expect(verdictOf(report()).againstBaseline).toBeUndefined();
});

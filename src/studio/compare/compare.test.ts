import { describe, expect, it } from 'vitest';
import type { LayerReport, Report } from '../../core/report/types.ts';
import { compareRows } from './compare-rows.ts';
import { dumbbell } from './dumbbell.ts';
import { layerDifferences } from './layer-differences.ts';

const size = (bytes: number) => ({ bytes, parameters: 100, bitsPerWeight: bytes / 10 });
const metric = (value: number, standardError: number) => ({ value, standardError, n: 3 });

function report(bytes: number, losses: readonly number[], more: Partial<Report> = {}): Report {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  return {
    ...{ version: 1, tool: 'test', inputSha256: 'm', layers: [] },
    ...{ before: size(400), after: size(bytes), recipe: { version: 1, seed: 0, steps: [] } },
    coverage: { compressedBytes: 0, totalBytes: 0, skipped: [] },
    ...{ outputSha256: 'o', forecastBytes: 100, verified: true, scores: 'quality', latency: {} },
    evaluation: {
      ...{ data: 'e.txt', sha256: 'd', protocol: '3 documents.', difference: {} },
      original: { perplexity: metric(6, 0.4) },
      compressed: { perplexity: metric(Math.exp(mean), 0.4), kl: metric(0.1, 0.01) },
      each: { metric: 'perplexity', compressed: losses },
    },
    ...more,
  };
}

const rowsOf = (...reports: Report[]) => compareRows(reports.map((one) => ({ report: one })));

describe('rows of a comparison', () => {
  it('begin with the measure that decides, paired; others say that they are not', () => {
    const rows = rowsOf(report(100, [1.8, 2, 2.2]), report(80, [1.9, 2.1, 2.3]));
    // By hand: influences (e^2.1 − e^2)·(∓0.2)/3 = ∓0.0518, SE √(3/2 · 2) · 0.0518 = 0.0897.
    expect(rows.map(({ key }) => key)).toEqual(['perplexity', 'kl', 'bytes', 'bits']);
    expect(rows[0].differences[0]).toMatchObject({
      text: '+0.777',
      error: '± 0.090',
      note: 'paired',
    });
    expect(rows[1].differences[0]).toMatchObject({ note: 'not paired' });
    expect(rows[2].differences[0]).toEqual({ text: '−20 B' });
    expect(rows[0].original).toBe(6);
  });

  it('never subtract what is of other models or data, and say why', () => {
    const a = report(100, [1.8, 2, 2.2]);
    const rows = rowsOf(a, report(80, [2, 2, 2], { inputSha256: 'another' }));
    expect(
      new Set(rows.flatMap(({ differences }) => differences.map((d) => 'apart' in d && d.apart))),
    ).toEqual(new Set(['different models']));
    const evaluation = a.evaluation && { ...a.evaluation, sha256: 'other' };
    const [quality, , bytes] = rowsOf(a, { ...a, evaluation });
    expect(quality.differences[0]).toEqual({ apart: 'different data' });
    expect(quality).not.toHaveProperty('original');
    expect(bytes.differences[0]).toEqual({ text: '0 B' });
  });

  it('time the same device at the same length only', () => {
    const latency = (median: number) => ({ median, p90: median * 1.1, n: 9 });
    const at = (median: number, tokens: number) => ({
      ...{ original: latency(5), compressed: latency(median), tokens },
    });
    const whole = { original: latency(5), compressed: latency(9) };
    const rows = rowsOf(
      report(100, [2, 2, 2], { latency: { wasm: { ...whole, short: at(2, 16) } } }),
      report(100, [2, 2, 2], { latency: { wasm: { ...whole, short: at(3, 16) }, webgpu: whole } }),
    ).filter(({ key }) => key.startsWith('latency'));
    expect(rows.map(({ label, differences: [one] }) => [label, one])).toEqual([
      ['Latency, WASM, 16 tokens', { text: '+1.00 ms' }],
      ['Latency, WebGPU', { apart: 'not measured on both' }],
    ]);
  });
});

describe('the picture of a row', () => {
  const value = (v: number, half = 0) => ({
    ...{ text: '', value: v, bar: [v - half, v + half] as const },
  });
  const differences = [{ text: '' }, { text: '' }, { text: '' }];

  it('reaches from end to end of the bars, and takes the original in where it is near', () => {
    const values = [value(1, 1), undefined, value(4)];
    const { marks, original } = dumbbell({ values, differences, original: 2 }, 128);
    expect(marks.map(({ at, x }) => [at, x])).toEqual([
      [0, 39],
      [2, 114],
    ]);
    expect(marks[0].from).toBe(14);
    expect(original).toBe(64);
    expect(dumbbell({ values, differences, original: 500 }, 128)).not.toHaveProperty('original');
    expect(dumbbell({ values: [value(3), value(3)], differences }, 128).marks[0].x).toBe(64);
    expect(dumbbell({ values: [undefined], differences }, 128).marks).toEqual([]);
  });

  it('puts marks above each other that would cover one another', () => {
    const { marks, lanes } = dumbbell(
      { values: [value(0), value(100), value(99), value(1)], differences },
      128,
    );
    expect(marks.map(({ lane }) => lane)).toEqual([0, 1, 0, 1]);
    expect(lanes).toBe(2);
  });

  it('leaves out what is not to be compared', () => {
    const apart = [{ apart: 'different data' }, { text: '' }];
    const values = [value(0), value(500), value(1)];
    const { marks } = dumbbell({ values, differences: apart }, 128);
    expect(marks.map(({ at, x }) => [at, x])).toEqual([
      [0, 14],
      [2, 114],
    ]);
  });
});

describe('layers of two trials', () => {
  const layer = (
    name: string,
    relativeError: number,
    more: Partial<LayerReport> = {},
  ): LayerReport => ({
    ...{ name, method: 'x', options: {}, relativeError, errorKind: 'output' },
    ...{ bytesBefore: 40, bytesAfter: 10 },
    ...more,
  });

  it('are subtracted where both have the same kind of error, the biggest first', () => {
    const a = report(1, [], {
      layers: [layer('p', 0.1), layer('q', 0.5), layer('r', 0.1), layer('s', 1)],
    });
    const b = report(1, [], {
      layers: [
        layer('p', 0.2),
        layer('q', 0.1, { bytesAfter: 20 }),
        layer('r', 0.3, { errorKind: 'weight' }),
      ],
    });
    const found = layerDifferences(a, b) ?? [];
    expect(found.map(({ name, errors }) => [name, errors?.difference])).toEqual([
      ['q', -0.4],
      ['p', 0.1],
      ['s', undefined],
      ['r', undefined],
    ]);
    // s is left alone in b, r has errors of different kinds.
    expect(found.map(({ bytes }) => bytes)).toEqual([
      [10, 20],
      [10, 10],
      [10, 40],
      [10, 10],
    ]);
    expect(layerDifferences(a, { ...b, inputSha256: 'another' })).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../recipe/schema.ts';
import { packShipped, readShipped, type ShippedTrials } from './shipped.ts';
import type { Report } from './types.ts';

const SHA = 'ab'.repeat(32);
const step = { method: 'round-to-nearest', options: { bits: 4, blockSize: 32 } };

const layer = (name: string, relativeError: number) => ({
  ...{ name, ...step, relativeError, errorKind: 'weight' as const },
  ...{ bytesBefore: 400, bytesAfter: 60 },
});

function report(bytes: number, compressed: readonly number[]): Report {
  const accuracy = { value: 0.5, standardError: Infinity, n: 1 };
  return {
    version: 1,
    tool: 'lathe',
    inputSha256: SHA,
    recipe: parseRecipe({ version: 1, steps: [step] }),
    before: { bytes: 800, parameters: 200, bitsPerWeight: 32 },
    after: { bytes, parameters: 200, bitsPerWeight: 4 },
    coverage: { compressedBytes: 800, totalBytes: 800, skipped: [] },
    layers: [
      { ...layer('a', 0.25), baselineRelativeError: 0.5 },
      { ...layer('b', 1e-7), warnings: ['It is small.'] },
    ],
    outputSha256: SHA,
    forecastBytes: bytes,
    verified: true,
    scores: 'quality',
    evaluation: {
      data: 'evaluation.npz',
      sha256: SHA,
      protocol: '3 examples',
      original: { accuracy },
      compressed: { accuracy },
      difference: {},
      each: { metric: 'accuracy', original: [1, 0, 1], compressed: [1, 1, 0] },
      answers: { expected: [3, 12, 1], original: [3, 2, 1], compressed },
    },
    latency: {},
  };
}

const shipped: ShippedTrials = {
  version: 1,
  measured: '2026-11-26',
  how: 'by hand',
  model: { name: 'm', sha256: SHA },
  trials: [
    { id: '0123456789abcdef', name: 'four', report: report(150, [3, 2, 7]) },
    { id: '0123456789abcdee', name: 'three', report: report(120, [1, 12, 7]) },
  ],
};

describe('shipped trials', () => {
  it('are read as they were packed', () => {
    const text = JSON.stringify(packShipped(shipped));
    expect(readShipped(JSON.parse(text))).toEqual(shipped);
    // Said once for both, and digits as text.
    expect(text.match(/"protocol"/g)).toHaveLength(1);
    expect(text).toContain('"original":"321"');
    expect(text).toContain('"expected":[3,12,1]');
  });

  it('of a damaged file are refused with the place', () => {
    const packed = packShipped(shipped) as { shared: object };
    expect(() => readShipped({ ...packed, model: { name: 'm', sha256: 'x' } })).toThrow(
      'The measured trials of this sample are damaged at "model.sha256"; install or load the studio again.',
    );
    expect(() => readShipped({ ...packed, shared: { ...packed.shared, tool: 7 } })).toThrow(
      'The measured trials of this sample are damaged at "tool"; install or load the studio again.',
    );
  });
});

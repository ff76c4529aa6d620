import { describe, expect, it } from 'vitest';
import { codes, HALF, METHODS, SHAPE } from '../../../test/fixtures/encodings/methods.ts';
import { tiedModel } from '../../../test/fixtures/encodings/tied.ts';
import { runModel as runWasm } from '../../../test/fixtures/methods/run.ts';
import { seededRandom } from '../random/seeded.ts';
import { decodeWeight, fillingsOf, NF4, writeEncodings, type Encoded } from './index.ts';
import { sampleOf } from './sample.ts';

describe('a weight that an embedding and an output head share', () => {
  it.each(Object.keys(METHODS))('is stored once: %s', async (name) => {
    const { model, layers } = tiedModel('transpose', [7, 45], 21);
    const encoded = sampleOf(METHODS[name], SHAPE, seededRandom(3, name));
    const shared = layers.map((layer) => ({ layer, encoded, shareable: true }));
    const written = writeEncodings(model, shared);
    expect(written.bytes.get('logits')).toBe(0);
    expect(fillingsOf(written.slots.get('logits') ?? { names: ['none'] }, encoded).size).toBe(0);
    const stored = written.model.graph.initializers.filter(
      ({ name: n }) => !n.startsWith('lathe_'),
    );
    const total = stored.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(written.bytes.get('rows')).toBe(total);

    const w = decodeWeight(encoded, 7, 45);
    const ids = [4, 6, 0];
    const out = await runWasm(written.model, {
      ids: { dims: [1, 3], data: BigInt64Array.from(ids, BigInt) },
    });
    const picked = ids.flatMap((i) => [...w.subarray(i * 45, (i + 1) * 45)]);
    const logits = ids.flatMap((_, t) =>
      Array.from({ length: 7 }, (__, v) => {
        let sum = 0;
        for (let c = 0; c < 45; c++) sum += picked[t * 45 + c] * w[v * 45 + c];
        return sum;
      }),
    );
    for (const [found, want] of [
      [out['rows'], picked],
      [out['logits'], logits],
    ] as const) {
      const largest = Math.max(...want.map(Math.abs));
      const worst = Math.max(...want.map((value, i) => Math.abs(value - found[i])));
      expect(worst).toBeLessThan((largest + 1) * 2 * 45 * 2 ** -24);
    }
  });

  it('is stored twice when the two encodings differ or come from data', () => {
    const { model, layers } = tiedModel('transpose', [7, 45], 21);
    const both = (shareable: boolean, encoded: Encoded) =>
      writeEncodings(model, [
        { layer: layers[0], encoded: METHODS['NF4'], shareable },
        { layer: layers[1], encoded, shareable },
      ]).bytes.get('logits');
    expect(both(true, METHODS['NF4'])).toBe(0);
    expect(both(false, METHODS['NF4'])).toBeGreaterThan(0);
    expect(both(true, codes(4, 32, { grid: NF4 }))).toBeGreaterThan(0);
    expect(both(true, HALF)).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { runModel, waves } from '../../../../../test/support/run-model.ts';
import { Emitter } from '../../../encodings/emitter.ts';
import { makeGraph, makeModel, makeTensor, makeValueInfo } from '../../../onnx/graph/make.ts';
import type { Tensor } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Value } from '../../../tensor/values.ts';
import {
  fixedRange,
  largestCode,
  RANGE_BYTES,
  SCALE_FLOOR,
  SCALE_STEPS,
  storedChannels,
} from './codes.ts';
import { readCache, storeCache, type CacheCode } from './store.ts';

describe('codes of one cache', () => {
  const dims = [1, 2, 5, 8];
  const place = {
    ...{ past: 'b', present: 'y', axis: 2, tokens: 'ids', dataType: DataType.float32, dims },
    ...{ batch: 0, channel: 3, channels: 8, fixed: false, opset: 17 },
  };

  /** Bytes of x, and what is read back from them. */
  async function roundTrip(x: Value, code: CacheCode, ranges: readonly Tensor[] = []) {
    const emit = new Emitter(uniqueNames(), { initializer: () => undefined });
    const bytes = storeCache(emit, 'x', code);
    const back = readCache(emit, bytes, code);
    const graph = makeGraph({
      nodes: emit.takeNodes(),
      initializers: [...emit.initializers, ...ranges],
      inputs: [makeValueInfo('x', DataType.float32, dims)],
      outputs: [makeValueInfo(bytes, DataType.uint8), makeValueInfo(back, DataType.float32)],
    });
    const found = await runModel(makeModel(graph, { '': code.opset }), { x });
    return [found.get(bytes), found.get(back)] as const;
  }

  it.each([
    [8, 13],
    [4, 17],
    [4, 18],
  ])('by token: s·(q − z) within a step of x, %i bits, opset %i', async (bits, opset) => {
    const x = waves(dims, 5);
    const [bytes, back] = await roundTrip(x, { ...place, bits, opset });
    const width = storedChannels(8, bits, false);
    expect(bytes?.dims).toEqual([1, 2, 5, width]);
    for (let row = 0; row < 10; row++) {
      const own = Array.from(x.data.slice(row * 8, row * 8 + 8), Number);
      const stored = Array.from(bytes?.data.slice(row * width, (row + 1) * width) ?? [], Number);
      const [high, low, z] = stored;
      const scale = 2 ** ((256 * high + low) / SCALE_STEPS - SCALE_FLOOR);
      const span = Math.max(...own, 0) - Math.min(...own, 0);
      expect(scale * largestCode(bits)).toBeGreaterThanOrEqual(span * (1 - 1e-5));
      expect(scale * largestCode(bits)).toBeLessThan(span * (1 + 1e-3));
      const codes = codesOf(stored.slice(RANGE_BYTES), bits);
      codes.forEach((q, c) => {
        const read = Number(back?.data[row * 8 + c]);
        expect(read).toBeCloseTo(scale * (q - z), 5);
        // The zero point is rounded, too: the outermost numbers may be cut by another half step.
        expect(Math.abs(read - own[c])).toBeLessThanOrEqual(1.01 * scale);
      });
    }
  });

  it.each([8, 4])('by channel: s_c·q + m_c within half a step of x, %i bits', async (bits) => {
    const x = waves(dims, 5);
    const minima = new Float32Array(16).fill(-1);
    const maxima = new Float32Array(16).fill(1).fill(0.5, 3, 4);
    const { scales, offsets } = fixedRange(minima, maxima, bits);
    const ranges = [makeTensor('s', [1, 2, 1, 8], scales), makeTensor('m', [1, 2, 1, 8], offsets)];
    const code = { ...place, bits, fixed: true, ranges: { scales: 's', offsets: 'm' } };
    const [bytes, back] = await roundTrip(x, code, ranges);
    expect(bytes?.dims).toEqual([1, 2, 5, storedChannels(8, bits, true)]);
    x.data.forEach((value, i) => {
      const channel = 8 * Math.floor(i / 40) + (i % 8);
      const inside = Math.min(Number(value), maxima[channel]);
      const off = Math.abs(Number(back?.data[i]) - inside);
      expect(off).toBeLessThanOrEqual(0.501 * scales[channel]);
    });
  });

  it('by channel lose less than by token where one channel of keys is large', async () => {
    const x = waves(dims, 5);
    for (let i = 2; i < x.data.length; i += 8) x.data[i] = 20 + Number(x.data[i]);
    const small = Array.from(x.data.keys()).filter((i) => i % 8 !== 2);
    const lost = (back: Value | undefined) =>
      small.reduce((sum, i) => sum + (Number(back?.data[i]) - Number(x.data[i])) ** 2, 0);
    const minima = new Float32Array(16).fill(-1);
    const maxima = new Float32Array(16).fill(1);
    for (const c of [2, 10]) [minima[c], maxima[c]] = [19, 21];
    const { scales, offsets } = fixedRange(minima, maxima, 4);
    const ranges = [makeTensor('s', [1, 2, 1, 8], scales), makeTensor('m', [1, 2, 1, 8], offsets)];
    const fixed = { ...place, bits: 4, fixed: true, ranges: { scales: 's', offsets: 'm' } };
    const [, byChannel] = await roundTrip(x, fixed, ranges);
    const [, byToken] = await roundTrip(x, { ...place, bits: 4 });
    expect(lost(byChannel)).toBeLessThan(0.05 * lost(byToken));
  });
});

/** The first half of the channels lies in the lower four bits. */
function codesOf(bytes: readonly number[], bits: number): number[] {
  if (bits === 8) return [...bytes];
  return [...bytes.map((byte) => byte % 16), ...bytes.map((byte) => Math.floor(byte / 16))];
}

function uniqueNames(): (base: string) => string {
  let count = 0;
  return (base) => `${base}_${count++}`;
}

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bytesSource } from '../core/onnx/source.ts';
import { canonicalJson, sha256Of, sha256OfDataset, sha256OfJson } from './hash.ts';

afterEach(() => vi.restoreAllMocks());

describe('sha256Of', () => {
  it('is the hash of the parts one after another, also across pieces', async () => {
    const large = Uint8Array.from({ length: 9_000_001 }, (_, i) => i * 7);
    const expected = createHash('sha256').update('ab').update(large).digest('hex');
    const parts = [new TextEncoder().encode('ab'), bytesSource(large)];
    expect(await sha256Of(parts)).toBe(expected);
    expect(await sha256Of([])).toBe(createHash('sha256').digest('hex'));
  });

  it('is the same in a page, in pieces and whole', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    const digest = vi.spyOn(crypto.subtle, 'digest');
    const whole = Uint8Array.from({ length: 2_000_001 }, (_, i) => i * 7);
    const expected = createHash('sha256').update(whole).digest('hex');
    expect(await sha256Of([bytesSource(whole)])).toBe(expected);
    expect(digest).toHaveBeenCalledTimes(1);
    expect(await sha256Of([whole.subarray(0, 5), whole.subarray(5)])).toBe(expected);
    expect(await sha256Of([whole.subarray(0, 5)])).toBe(
      createHash('sha256').update(whole.subarray(0, 5)).digest('hex'),
    );
    expect(digest).toHaveBeenCalledTimes(1);
  });

  it('rejects when a part cannot be read, wherever it breaks off', async () => {
    const broken = {
      byteLength: 9_000_000,
      read: (offset: number, length: number) =>
        offset > 0 ? Promise.reject(new Error('gone')) : Promise.resolve(new Uint8Array(length)),
    };
    await expect(sha256Of([broken])).rejects.toThrow('gone');
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":null,"d":"x"}]}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  it('gives different values different keys', async () => {
    expect(await sha256OfJson({ a: '1' })).not.toBe(await sha256OfJson({ a: 1 }));
    expect(canonicalJson('{"a":1}')).toBe('"{\\"a\\":1}"');
  });
});

describe('sha256OfDataset', () => {
  const text = (documents: string[], name = 'a') => ({ kind: 'text' as const, name, documents });

  it('depends on the contents, not on the name', async () => {
    const hash = await sha256OfDataset(text(['one', 'two']));
    expect(await sha256OfDataset(text(['one', 'two'], 'b'))).toBe(hash);
    expect(await sha256OfDataset(text(['onetwo']))).not.toBe(hash);
  });

  it('counts labels and shapes', async () => {
    const examples = (dims: number[], labels?: Int32Array) => ({
      kind: 'examples' as const,
      name: 'x',
      count: 2,
      arrays: { a: { dataType: 1, dims, data: new Float32Array(8) } },
      ...(labels && { labels }),
    });
    const hash = await sha256OfDataset(examples([2, 4]));
    expect(await sha256OfDataset(examples([2, 2, 2]))).not.toBe(hash);
    expect(await sha256OfDataset(examples([2, 4], Int32Array.of(0, 1)))).not.toBe(hash);
  });
});

import { expect, it } from 'vitest';
import { bytesSource } from '../../core/onnx/source.ts';
import { asBlob, blobSource } from './blob.ts';

it('copies what is small, and hands on what is large without reading it', async () => {
  const small = new Blob([Uint8Array.of(1, 2, 3)]);
  const copy = await asBlob(blobSource(small));
  expect(copy).not.toBe(small);
  expect(new Uint8Array(await copy.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
  const large = new Blob([new Uint8Array(64 * 2 ** 20 + 1)]);
  expect(await asBlob(blobSource(large))).toBe(large);
  expect((await asBlob(bytesSource(Uint8Array.of(7)))).size).toBe(1);
});

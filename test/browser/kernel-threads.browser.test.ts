import { expect, it } from 'vitest';

interface Answer {
  readonly joined: boolean;
  readonly shared: Float32Array;
  readonly alone: Float32Array;
}

it('kernels in a page compute on two threads, with the bits of one', async () => {
  const url = new URL('../support/kernel-threads.worker.ts', import.meta.url);
  const worker = new Worker(url, { type: 'module' });
  const { joined, shared, alone } = await new Promise<Answer>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  expect(joined).toBe(true);
  expect(new Uint8Array(shared.buffer)).toEqual(new Uint8Array(alone.buffer));
});

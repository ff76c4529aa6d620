import { expect, it } from 'vitest';
import { bytesInMemory } from '../../core/onnx/tensor-data.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { Spill } from './spill.ts';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

it('keeps weights in memory as long as they are few, then in the storage, and takes them away again', async () => {
  const storage = new MemoryStorage();
  const spill = new Spill(storage, 'run', 200_000);
  const kept = await spill.put(
    new Map([
      ['first', bytes(150_000, 1)],
      ['second', bytes(150_000, 2)],
      ['bias', bytes(100, 3)],
    ]),
  );
  const [first, second, bias] = ['first', 'second', 'bias'].map((name) => kept.get(name));
  expect([first, second, bias].map((data) => data && bytesInMemory(data) !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  expect(await second?.read(149_999)).toEqual(bytes(1, 2));
  expect(second?.byteLength).toBe(150_000);
  expect(await storage.list('work')).toEqual(['work/run/0']);
  await spill.discard();
  expect(await storage.list('work')).toEqual([]);
});

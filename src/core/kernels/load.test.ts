import { afterEach, expect, it, vi } from 'vitest';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { kernels, oracleWarning, releaseKernels } from './load.ts';
import { KERNELS_BASE64 } from './kernels.wasm.ts';

function loaded(): NonNullable<ReturnType<typeof kernels>> {
  const wasm = kernels();
  if (wasm === undefined) throw new Error('The kernels did not load.');
  return wasm;
}

afterEach(() => {
  vi.unstubAllGlobals();
  releaseKernels();
});

it('the checked-in module is what the sources compile to', async () => {
  const tool = new URL('../../../tools/build-kernels.mjs', import.meta.url).href;
  const { compileKernels } = (await import(tool)) as { compileKernels: () => Promise<Uint8Array> };
  const built = Buffer.from(await compileKernels()).toString('base64');
  expect(built === KERNELS_BASE64, 'run: node tools/build-kernels.mjs').toBe(true);
}, 60_000);

it('weighs at most 15 kB compressed', () => {
  const source = readFileSync(new URL('kernels.wasm.ts', import.meta.url));
  expect(gzipSync(source).length).toBeLessThanOrEqual(15_000);
});

it('the arena gives back what a scope took, also after an error, and grows', () => {
  const { arena } = loaded();
  const first = arena.scope(() => arena.alloc(100));
  expect(() =>
    arena.scope(() => {
      arena.alloc(1 << 22);
      throw new Error('inside');
    }),
  ).toThrow('inside');
  arena.scope(() => {
    expect(arena.alloc(100)).toBe(first);
    const next = arena.alloc(3 << 20);
    expect(next).toBe(first + 128);
    arena.floats(next, (3 << 20) / 4).fill(1);
  });
});

it('memory that no device has is refused with one sentence', () => {
  const { arena } = loaded();
  expect(() => arena.scope(() => arena.alloc(2 ** 33))).toThrow(
    /^This step needs \d+ MiB more memory than this device gives to one computation: close other tabs, or leave the largest layers out\.$/,
  );
});

it('released kernels come back with fresh memory', () => {
  const before = loaded();
  releaseKernels();
  expect(loaded()).not.toBe(before);
});

it('says where oracles stand in for kernels, and that bytes may differ then', () => {
  expect(oracleWarning()).toBeUndefined();
  releaseKernels();
  vi.stubGlobal('WebAssembly', undefined);
  expect(kernels()).toBeUndefined();
  expect(oracleWarning()).toBe(
    'This device has no WebAssembly SIMD, so slower stand-ins computed here; in rare roundings their codes differ, and the same recipe may give other bytes elsewhere.',
  );
});

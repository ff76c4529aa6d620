import { expect, it } from 'vitest';
import { KERNELS_BASE64 } from './kernels.wasm.ts';
import { sharedModule } from './module.ts';

const bytes = new Uint8Array(Buffer.from(KERNELS_BASE64, 'base64'));
const memory = (shared: boolean) => new WebAssembly.Memory({ initial: 1, maximum: 65536, shared });

function instantiate(module: Uint8Array<ArrayBuffer>, shared: boolean): WebAssembly.Memory {
  const own = memory(shared);
  new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory: own } });
  return own;
}

const isBlank = ({ buffer }: WebAssembly.Memory) => new Uint8Array(buffer).every((b) => b === 0);

it('one byte makes the module one for shared memory, and for no other', () => {
  const shared = sharedModule(bytes, true);
  expect(shared.length).toBe(bytes.length);
  expect(shared.filter((byte, i) => byte !== bytes[i])).toHaveLength(1);
  expect(isBlank(instantiate(shared, true))).toBe(false);
  expect(() => instantiate(shared, false)).toThrow(/shared/);
  expect(() => instantiate(bytes, true)).toThrow(/shared/);
});

it('a thread that joins writes no constants once more', () => {
  expect(isBlank(instantiate(sharedModule(bytes, false), true))).toBe(true);
});

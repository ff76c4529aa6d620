import { describe, expect, it } from 'vitest';
import { commandArguments } from './arguments.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor } from './device.ts';

function chosen(...words: string[]) {
  return chosenDevice(commandArguments('generate', ['model', ...words], DEVICE_OPTIONS, []));
}

describe('the device of a command', () => {
  it('is WebAssembly unless told, with the threads that are asked for', () => {
    expect(chosen()).toEqual({ name: 'wasm' });
    expect(chosen('--runtime', 'node', '--threads', '3')).toEqual({ name: 'node', threads: 3 });
  });

  it.each(['0', '65'])('has from 1 to 64 threads, not %s', (threads) => {
    expect(() => chosen('--threads', threads)).toThrow(
      `--threads is ${threads}, but it must be from 1 to 64.`,
    );
  });

  it('has one thread for a small model, all for a large one, and what was asked for both', () => {
    const [small, large] = [2 ** 24 - 1, 2 ** 24];
    expect(deviceFor({ name: 'wasm' }, small)).toEqual({ name: 'wasm', threads: 1 });
    expect(deviceFor({ name: 'wasm' }, large)).toEqual({ name: 'wasm' });
    expect(deviceFor({ name: 'wasm', threads: 2 }, small)).toEqual({ name: 'wasm', threads: 2 });
    expect(deviceFor({ name: 'node' }, small)).toEqual({ name: 'node' });
  });
});

import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import type { Model } from '../core/onnx/types.ts';
import { commandArguments } from './arguments.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor } from './device.ts';

function chosen(...words: string[]) {
  return chosenDevice(commandArguments('generate', ['model', ...words], DEVICE_OPTIONS, []));
}

function product(width: number): Model {
  const g = new GraphBuilder('product');
  const x = g.input('x', 'float32', ['n', width]);
  const w = g.floats('w', [width, width], new Float32Array(width ** 2));
  g.output(g.op('MatMul', [x, w]), 'float32', ['n', width], 'y');
  return g.finish();
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
    const [small, large] = [product(64), product(2048)];
    expect(deviceFor({ name: 'wasm' }, small)).toEqual({ name: 'wasm', threads: 1 });
    expect(deviceFor({ name: 'wasm' }, large)).toEqual({ name: 'wasm' });
    expect(deviceFor({ name: 'wasm', threads: 2 }, small)).toEqual({ name: 'wasm', threads: 2 });
    expect(deviceFor({ name: 'node' }, small)).toEqual({ name: 'node' });
  });
});

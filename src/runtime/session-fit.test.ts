import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import { plannedData } from '../core/onnx/tensor-data.ts';
import type { Model } from '../core/onnx/types.ts';
import { sessionFit } from './session-fit.ts';

/** A model of `count` tensors of `bytes`, none of which exists. */
function planned(count: number, bytes: number): Model {
  const g = new GraphBuilder('planned');
  g.output(g.op('Relu', [g.input('x', 'float32', [1])]), 'float32', [1], 'y');
  const model = g.finish();
  const initializers = Array.from({ length: count }, (_, i) => ({
    name: `w${i}`,
    dataType: 1,
    dims: [bytes / 4],
    data: plannedData(bytes),
  }));
  return { ...model, graph: { ...model.graph, initializers } };
}

const gpu = { webgpu: { available: true, maxBufferBytes: 1e9 } };

describe('sessionFit', () => {
  it('counts what the heap needs per byte of weights', () => {
    expect(sessionFit(planned(4, 5e8), 'wasm', gpu)).toEqual({ fits: true, neededBytes: 3e9 });
    expect(sessionFit(planned(8, 5e8), 'wasm', gpu)).toEqual({
      fits: false,
      neededBytes: 6e9,
      reason:
        'The model needs 6.0 GB of memory and WebAssembly ends at 4 GiB; take WebGPU, or a model of at most 2.5 GB of weights.',
    });
    expect(sessionFit(planned(8, 5e8), 'node', gpu).fits).toBe(true);
  });

  it('looks at the largest tensor on WebGPU', () => {
    expect(sessionFit(planned(8, 5e8), 'webgpu', gpu)).toEqual({ fits: true, neededBytes: 4e9 });
    expect(sessionFit(planned(1, 2e9), 'webgpu', gpu)).toEqual({
      fits: false,
      neededBytes: 2e9,
      reason:
        'The tensor "w0" has 2.0 GB, but this graphics device takes at most 1.0 GB in one piece; take WebAssembly, or compress this tensor.',
    });
    expect(sessionFit(planned(1, 2e9), 'webgpu', { webgpu: { available: true } }).fits).toBe(true);
  });
});

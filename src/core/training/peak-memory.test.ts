import { describe, expect, it } from 'vitest';
import { staticValues } from '../autodiff/static-values.ts';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { peakMemory } from './peak-memory.ts';

/** Bytes of n float32. */
const floats = (n: number) => 4 * n;

function peakOf(build: (g: GraphBuilder, x: string) => string): number {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [2, 8]);
  g.output(build(g, x), 'float32', [2, 8], 'y');
  const model = g.finish({ opset: 18 });
  const values = staticValues(model);
  return peakMemory(model.graph, (value) => values.type(value));
}

describe('peak memory of a graph', () => {
  it('counts a value from the node that makes it to the last that reads it', () => {
    // x and a; x, a and b; then a is gone: x, b and y.
    const chain = peakOf((g, x) => {
      const a = g.op('MatMul', [x, g.floats('A', [8, 32], new Float32Array(256))]);
      const b = g.op('MatMul', [a, g.floats('B', [32, 8], new Float32Array(256))]);
      return g.op('MatMul', [b, g.floats('C', [8, 8], new Float32Array(64))]);
    });
    expect(chain).toBe(floats(16 + 64 + 16));
    // The same with a read again at the end: a lives on.
    const kept = peakOf((g, x) => {
      const a = g.op('MatMul', [x, g.floats('A', [8, 32], new Float32Array(256))]);
      const b = g.op('MatMul', [a, g.floats('B', [32, 8], new Float32Array(256))]);
      const c = g.op('MatMul', [b, g.floats('C', [8, 32], new Float32Array(256))]);
      return g.op('MatMul', [g.op('Add', [c, a]), g.floats('D', [32, 8], new Float32Array(256))]);
    });
    expect(kept).toBe(floats(16 + 64 + 16 + 64));
  });

  it('takes nothing for another shape, and the place of a value nobody reads any more', () => {
    const views = peakOf((g, x) => {
      const a = g.op('Relu', [x]);
      const shaped = g.op('Reshape', [a, g.integers('shape', [2, 8])]);
      return g.op('Exp', [g.op('Neg', [shaped])]);
    });
    // x is the caller's, Relu takes 16, Neg another 16 (a view is not written over), Exp Neg's place.
    expect(views).toBe(floats(16 + 16 + 16));
    const over = peakOf((g, x) => g.op('Exp', [g.op('Neg', [g.op('Relu', [x])])]));
    expect(over).toBe(floats(16 + 16));
  });
});

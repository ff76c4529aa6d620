import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import { DataType } from '../core/tensor/data-type.ts';
import { computesInFloat16 } from './float16-use.ts';

function stored(cast: boolean) {
  const g = new GraphBuilder('half');
  const x = g.input('x', 'float32', [1, 2]);
  const w = g.initializer('w', [2, 2], {
    dataType: DataType.float16,
    bytes: new Uint8Array(8),
  });
  const wide = cast ? g.op('Cast', [w], { to: DataType.float32 }) : w;
  g.output(g.op('MatMul', [x, wide]), 'float32', [1, 2], 'y');
  return g.finish();
}

describe('computesInFloat16', () => {
  it('lets float16 storage with a cast pass, as onnxruntime folds it', () => {
    expect(computesInFloat16(stored(true))).toBe(false);
    expect(computesInFloat16(stored(true), { optimization: 'disabled' })).toBe(true);
  });

  it('finds float16 weights in use, casts down, and float16 ports', () => {
    expect(computesInFloat16(stored(false))).toBe(true);
    const down = new GraphBuilder('down');
    const x = down.input('x', 'float32', [2]);
    const half = down.op('Cast', [x], { to: DataType.float16 });
    down.output(down.op('Cast', [half], { to: DataType.float32 }), 'float32', [2], 'y');
    expect(computesInFloat16(down.finish())).toBe(true);
    const port = new GraphBuilder('port');
    port.output(port.op('Relu', [port.input('x', 'float16', [2])]), 'float16', [2], 'y');
    expect(computesInFloat16(port.finish())).toBe(true);
  });
});

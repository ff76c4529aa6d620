import { describe, expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { findDuplicates } from './duplicates.ts';
import { memoryData } from './tensor-data.ts';
import type { Model, Tensor } from './types.ts';

const { float32, float16, float64, int32 } = DataType;
const WIDTH: Record<number, number> = { [float32]: 4, [float16]: 2, [float64]: 8, [int32]: 4 };

/** Distinct bytes for each (row, column), so that only a real transpose matches. */
function matrix(
  rows: number,
  columns: number,
  type: number,
  transposed = false,
  seed = 1,
): Uint8Array {
  const width = WIDTH[type];
  const out = new Uint8Array(rows * columns * width);
  for (let i = 0; i < rows * columns; i++) {
    const [r, c] = [Math.floor(i / columns), i % columns];
    const identity = transposed ? c * rows + r : i;
    for (let k = 0; k < width; k++) out[i * width + k] = (identity + seed) * (31 + k * 2);
  }
  return out;
}

function tensor(name: string, dataType: number, dims: number[], bytes: Uint8Array): Tensor {
  return { name, dataType, dims, data: memoryData(bytes) };
}

function modelOf(initializers: Tensor[]): Model {
  const graph = { name: '', nodes: [], initializers, inputs: [], outputs: [], valueInfo: [] };
  return { irVersion: 8, opsets: [], graph, metadata: [], functions: [] };
}

describe('findDuplicates', () => {
  it('groups tensors of the same type, shape and bytes', async () => {
    const same = matrix(3, 4, float32);
    const model = modelOf([
      tensor('a', float32, [3, 4], same),
      tensor('b', float32, [3, 4], matrix(3, 4, float32, false, 2)),
      tensor('c', float32, [3, 4], same.slice()),
      tensor('reshaped', float32, [4, 3], same),
      tensor('integers', int32, [3, 4], same),
      tensor('d', float32, [3, 4], same.slice()),
    ]);
    const { exact } = await findDuplicates(model);
    expect(exact).toEqual([{ names: ['a', 'c', 'd'], bytes: 48 }]);
  });

  it.each([float32, float16, float64])('finds transposed matrices of type %i', async (type) => {
    const model = modelOf([
      tensor('w', type, [5, 3], matrix(5, 3, type)),
      tensor('other', type, [3, 5], matrix(3, 5, type, true, 9)),
      tensor('wT', type, [3, 5], matrix(3, 5, type, true)),
      tensor('wT again', type, [3, 5], matrix(3, 5, type, true)),
    ]);
    const { exact, transposed } = await findDuplicates(model);
    expect(exact.map(({ names }) => names)).toEqual([['wT', 'wT again']]);
    expect(transposed).toEqual([{ names: ['w', 'wT'], bytes: 15 * WIDTH[type] }]);
  });

  it('compares square matrices both ways, and only elements, not their order', async () => {
    const square = matrix(4, 4, float32);
    const shuffled = new Uint8Array([...square.subarray(4), ...square.subarray(0, 4)]);
    const model = modelOf([
      tensor('s', float32, [4, 4], square),
      tensor('sT', float32, [4, 4], matrix(4, 4, float32, true)),
      tensor('shuffled', float32, [4, 4], shuffled),
    ]);
    const { exact, transposed } = await findDuplicates(model);
    expect(exact).toEqual([]);
    expect(transposed.map(({ names }) => names)).toEqual([['s', 'sT']]);
  });

  it('holds at most one pair in memory and leaves unlike tensors unread', async () => {
    let [live, most, reads] = [0, 0, 0];
    const counted = (name: string, dims: number[], bytes: Uint8Array): Tensor => ({
      ...tensor(name, float32, dims, bytes),
      data: {
        byteLength: bytes.byteLength,
        async read(offset = 0, length = bytes.byteLength - offset) {
          reads++;
          most = Math.max(most, (live += 1));
          await Promise.resolve();
          live -= 1;
          return bytes.slice(offset, offset + length);
        },
      },
    });
    const lonely = await findDuplicates(
      modelOf([
        counted('a', [2, 2], matrix(2, 2, float32)),
        counted('b', [3, 2], matrix(3, 2, float32)),
      ]),
    );
    expect([lonely.exact.length, reads]).toEqual([0, 0]);
    const all = Array.from({ length: 6 }, (_, i) =>
      counted(
        `t${i}`,
        i % 2 ? [3, 5] : [5, 3],
        matrix(i % 2 ? 3 : 5, i % 2 ? 5 : 3, float32, i % 2 === 1),
      ),
    );
    const found = await findDuplicates(modelOf(all));
    expect(found.exact.map(({ names }) => names.length)).toEqual([3, 3]);
    expect(found.transposed.map(({ names }) => names)).toEqual([['t0', 't1']]);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('stops when it is cancelled', async () => {
    const model = modelOf(['a', 'b'].map((n) => tensor(n, float32, [2, 2], matrix(2, 2, float32))));
    await expect(findDuplicates(model, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

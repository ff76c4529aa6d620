import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { findDuplicates } from './duplicates.ts';
import { memoryData } from './tensor-data.ts';
import type { Model, Tensor } from './types.ts';

const TYPES: Readonly<Record<number, number>> = {
  [DataType.float32]: 4,
  [DataType.float16]: 2,
  [DataType.float64]: 8,
};

/** What the samples cannot see as well as what they can: whole matrices that differ in one byte, or in none. */
const tensors = fc.array(
  fc.record({
    dataType: fc.constantFrom(...Object.keys(TYPES).map(Number)),
    shape: fc.constantFrom([3, 5], [5, 3], [4, 4], [120, 160], [160, 120]),
    turned: fc.boolean(),
    pattern: fc.constantFrom<'zeros' | 'ramp'>('zeros', 'ramp'),
    /** Where one byte differs, as a share of the tensor; none where it does not. */
    changed: fc.option(fc.double({ min: 0, max: 0.999, noNaN: true }), { nil: undefined, freq: 1 }),
  }),
  { minLength: 2, maxLength: 8 },
);

type Drawn = typeof tensors extends fc.Arbitrary<(infer T)[]> ? T : never;

function tensorOf({ dataType, shape, turned, pattern, changed }: Drawn, index: number): Tensor {
  const [rows, columns] = shape;
  const size = TYPES[dataType];
  const bytes = new Uint8Array(rows * columns * size);
  if (pattern === 'ramp') {
    for (let i = 0; i < rows * columns; i++) {
      const identity = turned ? (i % columns) * rows + Math.floor(i / columns) : i;
      bytes[i * size] = identity;
      bytes[i * size + 1] = identity >> 8;
    }
  }
  if (changed !== undefined) bytes[Math.floor(changed * bytes.length)] ^= 1;
  return { name: `t${index}`, dataType, dims: shape, data: memoryData(bytes) };
}

/** Every pair, every byte: what the search must come to. */
async function byComparingAll(list: readonly Tensor[]) {
  const firsts: Tensor[] = [];
  const groups = new Map<Tensor, string[]>();
  for (const tensor of list) {
    const same = await firstOf(firsts, (first) => isSame(first, tensor, false));
    if (same) groups.get(same)?.push(tensor.name);
    else groups.set(firsts[firsts.push(tensor) - 1], [tensor.name]);
  }
  const pairs: string[] = [];
  for (const [i, b] of firsts.entries()) {
    const a = await firstOf(firsts.slice(0, i), (candidate) => isSame(candidate, b, true));
    if (a) pairs.push(`${a.name} ${b.name}`);
  }
  const exact = [...groups.values()].filter((names) => names.length > 1);
  return { exact, pairs: pairs.sort() };
}

async function firstOf(list: readonly Tensor[], test: (item: Tensor) => Promise<boolean>) {
  for (const item of list) if (await test(item)) return item;
  return undefined;
}

async function isSame(a: Tensor, b: Tensor, turned: boolean): Promise<boolean> {
  const [rows, columns] = a.dims;
  const dims = turned ? [columns, rows] : a.dims;
  if (a.dataType !== b.dataType || dims.join() !== b.dims.join()) return false;
  const [x, y] = [await a.data.read(), await b.data.read()];
  const size = TYPES[a.dataType];
  for (let i = 0; i < x.length; i++) {
    const [element, byte] = [Math.floor(i / size), i % size];
    const place = (element % columns) * rows + Math.floor(element / columns);
    if (x[i] !== y[turned ? place * size + byte : i]) return false;
  }
  return true;
}

it('finds by samples exactly what comparing every pair byte by byte finds', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(tensors, async (drawn) => {
      const initializers = drawn.map(tensorOf);
      const graph = { name: '', nodes: [], initializers, inputs: [], outputs: [], valueInfo: [] };
      const model: Model = { irVersion: 8, opsets: [], graph, metadata: [], functions: [] };
      const { exact, transposed } = await findDuplicates(model);
      const expected = await byComparingAll(initializers);
      expect(exact.map(({ names }) => [...names])).toEqual(expected.exact);
      expect(transposed.map(({ names }) => names.join(' ')).sort()).toEqual(expected.pairs);
      found += expected.exact.length + expected.pairs.length;
    }),
    { numRuns: 300, seed: 1 },
  );
  // The draw holds duplicates at all.
  expect(found).toBeGreaterThan(50);
});

import { expect, it } from 'vitest';
import { plannedData } from '../../core/onnx/tensor-data.ts';
import { syntheticRuns } from './synthetic-runs.ts';

const modelOf = (bytes: number) => ({
  graph: {
    ...{ name: '', nodes: [], inputs: [], outputs: [], valueInfo: [] },
    initializers: [{ name: 'w', dataType: 2, dims: [bytes], data: plannedData(bytes) }],
  },
});

it('runs a small model eight times and a large one twice', () => {
  expect([1e6, 1.25e8, 2e8, 5e8, 3e9].map((bytes) => syntheticRuns(modelOf(bytes)))).toEqual([
    8, 8, 5, 2, 2,
  ]);
  expect(syntheticRuns(modelOf(0))).toBe(8);
});

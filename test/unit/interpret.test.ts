/** The reference interpreter is right where onnxruntime is, to float32's precision. */
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../fixtures/layouts/all.ts';
import type { Feed } from '../fixtures/layouts/fixture.ts';
import { runFirstOutput } from '../fixtures/layouts/run.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { interpret } from '../support/interpret/interpret.ts';
import { f64, type F64Value } from '../support/interpret/value.ts';

const toF64 = ({ type, dims, values }: Feed): F64Value => f64(dims, values, DataType[type]);

describe('whole models', () => {
  const names = [
    'gpt2 plain, opset 11',
    'gpt2 plain, opset 18, LayerNormalization',
    'opt plain, opset 12',
    'llama halves, opset 18, tables',
    'llama pairs, opset 11',
    'bert plain, opset 18',
    'vit plain, opset 11',
    'vit plain, opset 20, Gelu',
    'whisper plain, opset 12',
    't5 gated, opset 18',
  ];
  it.each(names)('%s', async (name) => {
    const fixture = layoutFixtures.find((candidate) => candidate.name === name)!;
    const model = fixture.model();
    const expected = await runFirstOutput(model, fixture.feeds);
    const feeds = Object.fromEntries(Object.entries(fixture.feeds).map(([k, v]) => [k, toF64(v)]));
    const found = interpret(model, feeds).get(model.graph.outputs.at(-1)!.name)!;
    expect(found.dims).toEqual(expected.dims);
    const difference = found.data.map((value, i) => Math.abs(value - expected.data[i]));
    // A few hundred float32 operations in a row on values of size one.
    expect(Math.max(...difference)).toBeLessThan(2e-5);
  });
});

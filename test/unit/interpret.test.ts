/** The reference interpreter is right where onnxruntime is, to float32's precision. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../fixtures/layouts/all.ts';
import type { Feed } from '../fixtures/layouts/fixture.ts';
import { runFirstOutput } from '../fixtures/layouts/run.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { readModel, readTensor } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { hasOnnxTestData, ONNX_TEST_DATA } from '../../tools/onnx-test-data.ts';
import { interpret, isInterpreted } from '../support/interpret/interpret.ts';
import { f64, f64FromTensor, type F64Value } from '../support/interpret/value.ts';

const toF64 = ({ type, dims, values }: Feed): F64Value => f64(dims, values, DataType[type]);

/** ONNX's own operator cases: those of Debian's libonnx-testdata, and the twenty that are checked in. */
const PACKAGE = join(ONNX_TEST_DATA, 'node');
const SUBSET = join(import.meta.dirname, '../fixtures/onnx-nodes');

/** What the interpreter leaves out: no numbers, NaN of other bits, randomness, sizes inferred from outputs. */
const OUTSIDE =
  /seq|optional|_opt|STRING|strnormalizer|BFLOAT16|training|convtranspose_(autopad|output_shape)|batch_diagonal/;
/** In float32 a quotient falls on the other side of a half. */
const ROUNDED = new Set(['test_dynamicquantizelinear_expanded']);

const bytes = (...path: readonly string[]) => new Uint8Array(readFileSync(join(...path)));

function stored(root: string, name: string, prefix: string): F64Value[] {
  const files = readdirSync(join(root, name, 'test_data_set_0'));
  const count = files.filter((file) => file.startsWith(prefix)).length;
  return Array.from({ length: count }, (_, i) =>
    f64FromTensor(readTensor(bytes(root, name, 'test_data_set_0', `${prefix}_${i}.pb`))),
  );
}

/** Largest difference, relative to the value or to 0.001; infinite for another shape. */
function difference(found: F64Value | undefined, expected: F64Value): number {
  if (!found || found.dims.join() !== expected.dims.join()) return Infinity;
  const each = expected.data.map((value, i) =>
    Object.is(value, found.data[i]) || value === found.data[i]
      ? 0
      : Math.abs(value - found.data[i]) / (1e-3 + Math.abs(value)),
  );
  return each.reduce((worst, d) => (d <= worst ? worst : Number.isNaN(d) ? Infinity : d), 0);
}

/** How many cases of a folder the interpreter runs, and the names of those it gets wrong. */
async function judge(root: string): Promise<{ checked: number; wrong: string[] }> {
  const wrong: string[] = [];
  let checked = 0;
  for (const name of readdirSync(root)) {
    if (!name.startsWith('test_') || OUTSIDE.test(name) || ROUNDED.has(name)) continue;
    const model = await readModel(bytesSource(bytes(root, name, 'model.onnx')));
    const { graph } = model;
    if (!graph.nodes.every(({ opType }) => isInterpreted(opType))) continue;
    const inputs = stored(root, name, 'input').map((v, i) => [graph.inputs[i].name, v] as const);
    const found = interpret(model, Object.fromEntries(inputs));
    const outputs = stored(root, name, 'output');
    const worst = outputs.map((v, i) => difference(found.get(graph.outputs[i].name), v));
    // The cases were computed in float32, some in float16.
    if (Math.max(...worst) > 1e-3) wrong.push(name);
    checked++;
  }
  return { checked, wrong };
}

describe("ONNX's operator cases", () => {
  it('give the stored outputs', async () => {
    const { checked, wrong } = await judge(SUBSET);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(12);
  });

  it.runIf(hasOnnxTestData())('give the stored outputs of libonnx-testdata', async () => {
    const { checked, wrong } = await judge(PACKAGE);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(550);
  });
});

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

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasOnnxTestData, ONNX_TEST_DATA } from '../../../../tools/onnx-test-data.ts';
import type { ValueData } from '../../tensor/values.ts';
import { viewAs } from '../../tensor/view-as.ts';
import { operatorEntry } from '../operators/table.ts';
import { readModel, readTensor } from '../read.ts';
import { bytesSource } from '../source.ts';
import type { Model, Tensor } from '../types.ts';
import { inferShapes } from './infer.ts';
import type { ShapeInfo } from './infer.ts';

/** ONNX's own operator cases: those of Debian's libonnx-testdata, and the twenty that are checked in. */
const PACKAGE = join(ONNX_TEST_DATA, 'node');
const SUBSET = join(import.meta.dirname, '../../../../test/fixtures/onnx-nodes');

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** A case file holds a tensor, or (for a few) a sequence or optional that we have no use for. */
function storedTensors(folder: string, prefix: string): (Tensor | undefined)[] {
  const count = readdirSync(folder).filter((name) => name.startsWith(prefix)).length;
  return Array.from({ length: count }, (_, i) => {
    try {
      return readTensor(read(join(folder, `${prefix}_${i}.pb`)));
    } catch {
      return undefined;
    }
  });
}

/** The model with the case's inputs as initializers: their values decide some output shapes. */
function fed(model: Model, inputs: readonly (Tensor | undefined)[]): Model {
  const initializers = inputs.flatMap((tensor, i) => {
    const info = model.graph.inputs[i];
    return tensor && info?.type ? [{ ...tensor, name: info.name }] : [];
  });
  return {
    ...model,
    graph: {
      ...model.graph,
      initializers: [...model.graph.initializers, ...initializers],
      outputs: model.graph.outputs.map(({ name }) => ({ name })),
      valueInfo: [],
    },
  };
}

function isSupported(model: Model): boolean {
  return model.graph.nodes.every((node) => {
    const entry = operatorEntry(node.opType, node.domain);
    return entry !== undefined && entry.shape !== 'unknown' && entry.shape !== 'nonZero';
  });
}

/** Shapes that are facts about the data (or, for one, Scan as it was before opset 9): left open. */
const LEFT_OPEN = [
  'test_compress_0',
  'test_compress_1',
  'test_compress_default_axis',
  'test_compress_negative_axis',
  'test_loop11',
  'test_range_float_type_positive_delta_expanded',
  'test_range_int32_type_negative_delta_expanded',
  'test_scan_sum',
];

interface Tally {
  cases: number;
  constants: number;
  readonly wrong: string[];
  readonly open: Set<string>;
}

function judgeOutputs(
  name: string,
  model: Model,
  info: ShapeInfo,
  outputs: readonly (Tensor | undefined)[],
  tally: Tally,
): void {
  outputs.forEach((expected, i) => {
    const output = model.graph.outputs[i];
    if (!expected || !output.type) return;
    const type = info.typeOf(output.name);
    const found = type && JSON.stringify([type.dataType, type.dims]);
    const wanted = JSON.stringify([expected.dataType, expected.dims]);
    if (!type || type.dims.some((dim) => typeof dim !== 'number')) tally.open.add(name);
    else if (found !== wanted) tally.wrong.push(`${name}: ${found} is not ${wanted}`);
    const value = info.constant(output.name);
    if (!value) return;
    tally.constants++;
    const stored = viewAs(expected.dataType, expected.data.readSync?.() ?? new Uint8Array());
    if (!sameValues(value.data, stored)) tally.wrong.push(`${name}: wrong values`);
  });
}

/** Bit-equal up to the sign of zero: every operator that is computed is exactly rounded. */
function sameValues(a: ValueData, b: ValueData): boolean {
  return (
    a.length === b.length &&
    a.every((value: number | bigint, i: number) => {
      const other = b[i];
      return value === other || (Number.isNaN(value) && Number.isNaN(other));
    })
  );
}

/** Not the bfloat16 cases: their files store the bits as uint16 tensors. */
function caseNames(root: string): string[] {
  const isCase = (name: string): boolean => existsSync(join(root, name, 'model.onnx'));
  return readdirSync(root).filter((name) => isCase(name) && !name.includes('BFLOAT16'));
}

async function judgeAll(root: string, withValues: boolean): Promise<Tally> {
  const tally: Tally = { cases: 0, constants: 0, wrong: [], open: new Set() };
  for (const name of caseNames(root)) {
    const model = await readModel(bytesSource(read(join(root, name, 'model.onnx'))));
    if (!isSupported(model)) continue;
    tally.cases++;
    const data = join(root, name, 'test_data_set_0');
    const inputs = storedTensors(data, 'input');
    const info = inferShapes(withValues ? fed(model, inputs) : typed(model));
    judgeOutputs(name, model, info, storedTensors(data, 'output'), tally);
  }
  return tally;
}

/** The model knowing the types of its inputs only, and nothing of its outputs. */
function typed(model: Model): Model {
  const outputs = model.graph.outputs.map(({ name }) => ({ name }));
  return { ...model, graph: { ...model.graph, outputs, valueInfo: [] } };
}

describe('inference against ONNX operator cases', () => {
  it.runIf(hasOnnxTestData())('agrees with all stored outputs of libonnx-testdata', async () => {
    const tally = await judgeAll(PACKAGE, true);
    expect(tally.wrong).toEqual([]);
    expect([...tally.open]).toEqual(LEFT_OPEN);
    expect(tally.cases).toBeGreaterThanOrEqual(765);
    expect(tally.constants).toBeGreaterThanOrEqual(250);
    console.info(`${tally.cases} operator cases inferred, ${tally.constants} outputs computed.`);
  });

  it.runIf(hasOnnxTestData())('never says a wrong size when input values are unknown', async () => {
    const tally = await judgeAll(PACKAGE, false);
    expect(tally.wrong).toEqual([]);
    expect(tally.cases - tally.open.size).toBeGreaterThanOrEqual(500);
    console.info(
      `${tally.cases - tally.open.size} operator cases inferred from input types alone.`,
    );
  });

  it('agrees with the stored outputs of the cases that are checked in', async () => {
    const tally = await judgeAll(SUBSET, true);
    expect(tally.wrong).toEqual([]);
    expect([...tally.open]).toEqual([]);
    expect(tally.cases).toBe(20);
  });
});

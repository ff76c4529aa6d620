import type { Layer } from '../../core/anatomy/types.ts';
import { decodeWeight, writeEncodings } from '../../core/encodings/index.ts';
import { sampleOf } from '../../core/encodings/sample.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import type { Model } from '../../core/onnx/types.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { roundToEven } from '../../core/tensor/mini-float.ts';
import type { Feeds } from '../values.ts';
import { SHAPE, type FormatCase, type ProbeUse } from './cases.ts';

/** One run of a probe and the result a correct device gives. */
export interface ProbeRun {
  readonly feeds: Feeds;
  readonly expected: Float64Array;
}

/** A tiny model in one form, with what it must compute for one token and for many. */
export interface FormatProbe {
  readonly id: string;
  readonly model: Model;
  readonly runs: readonly ProbeRun[];
}

/** One token is a kernel of its own in onnxruntime, and many are another. */
const TOKENS = [1, 33] as const;
const { rows, columns } = SHAPE;

/** Builds a probe: the form is written as every export is, and judged by what `decodeWeight` says. */
export function formatProbe(test: FormatCase): FormatProbe {
  const random = seededRandom(2, test.id);
  const encoded = sampleOf(test.encoded, SHAPE, random);
  const { model, layer } = floatModel(test.use);
  const input = test.roundsInput ? { input: { kind: 'dynamic' } as const } : {};
  const written = writeEncodings(model, [{ layer, encoded, ...input }]);
  const form = written.slots.get(layer.output)?.form?.id;
  if (form !== test.form) throw new TypeError(`"${test.id}" is stored as ${form ?? 'nothing'}.`);
  const weight = decodeWeight(encoded, rows, columns);
  return {
    id: test.id,
    model: written.model,
    runs: TOKENS.map((tokens) => probeRun(test, weight, tokens)),
  };
}

/** What a form's file stores per weight, everything counted. */
export function bitsPerWeight(test: FormatCase): number {
  const { model, layer } = floatModel(test.use);
  const { bytes } = writeEncodings(model, [{ layer, encoded: test.encoded }]);
  return (8 * (bytes.get(layer.output) ?? 0)) / (rows * columns);
}

function floatModel(use: ProbeUse): { model: Model; layer: Layer } {
  const g = new GraphBuilder('probe');
  const common = { name: 'w', output: 'y', weight: 'w', outFeatures: rows, inFeatures: columns };
  const zeros = new Float32Array(rows * columns);
  const finish = () => g.finish({ opset: 21, irVersion: 10 });
  if (use === 'Gather') {
    const ids = g.input('ids', 'int64', ['n']);
    const y = g.op('Gather', [g.floats('w', [rows, columns], zeros), ids]);
    g.output(y, 'float32', ['n', columns], 'y');
    const role = { role: 'embedding', group: 'embedding', layout: 'out-in' } as const;
    return { model: finish(), layer: { ...common, ...role, op: 'Gather', input: 'ids' } };
  }
  const w = g.floats('w', [columns, rows], zeros);
  const turned = use === 'Gemm-transA';
  const x = g.input('x', 'float32', turned ? [columns, 'n'] : ['n', columns]);
  const y = turned ? g.op('Gemm', [x, w], { transA: 1 }) : g.op('MatMul', [x, w]);
  g.output(y, 'float32', ['n', rows], 'y');
  const role = { role: 'other', group: 'other', layout: 'in-out' } as const;
  const op = turned ? 'Gemm' : 'MatMul';
  return { model: finish(), layer: { ...common, ...role, op, input: 'x' } };
}

function probeRun(test: FormatCase, weight: Float32Array, tokens: number): ProbeRun {
  const random = seededRandom(1, `${test.use} ${tokens}`);
  if (test.use === 'Gather') {
    const ids = Array.from({ length: tokens }, () => Math.floor(random.next() * rows));
    const data = BigInt64Array.from(ids, BigInt);
    const expected = ids.flatMap((id) => [...weight.subarray(id * columns, (id + 1) * columns)]);
    const feeds = { ids: { dataType: DataType.int64, dims: [tokens], data } };
    return { feeds, expected: Float64Array.from(expected) };
  }
  const eighth = () => Math.floor(random.next() * 17) / 8 - 1;
  const x = Float32Array.from({ length: tokens * columns }, eighth);
  const turned = test.use === 'Gemm-transA';
  const feeds = {
    x: {
      dataType: DataType.float32,
      dims: turned ? [columns, tokens] : [tokens, columns],
      data: turned ? columnsFirst(x, tokens) : x,
    },
  };
  return { feeds, expected: multiplied(test.roundsInput ? rounded(x) : x, weight, tokens) };
}

function columnsFirst(x: Float32Array, tokens: number): Float32Array {
  return x.map((_, i) => x[(i % tokens) * columns + Math.floor(i / tokens)]);
}

function multiplied(x: Float32Array, weight: Float32Array, tokens: number): Float64Array {
  return Float64Array.from({ length: tokens * rows }, (_, i) => {
    const [t, r] = [Math.floor(i / rows), i % rows];
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += x[t * columns + c] * weight[r * columns + c];
    return sum;
  });
}

/** DynamicQuantizeLinear and back (ONNX: uint8, the range stretched to hold 0). */
function rounded(x: Float32Array): Float32Array {
  const [low, high] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = Math.fround((high - low) / 255);
  const zero = clamp(roundToEven(-low / scale));
  return x.map((value) => scale * (clamp(roundToEven(Math.fround(value / scale)) + zero) - zero));
}

function clamp(code: number): number {
  return Math.min(255, Math.max(0, code));
}

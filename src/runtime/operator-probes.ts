import { findLayers } from '../core/anatomy/layers.ts';
import { applyEncoded } from '../core/methods/export/apply.ts';
import type { EncodedWeight, UniformWeight } from '../core/methods/encoding.ts';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import type { Model } from '../core/onnx/types.ts';
import { seededRandom } from '../core/random/seeded.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Runtime } from './types.ts';
import { toFloats, type Feeds } from './values.ts';

/** A tiny model in one export format, with the result a correct device gives. */
export interface OperatorProbe {
  readonly id: string;
  readonly model: Model;
  readonly feeds: Feeds;
  readonly expected: Float32Array;
}

/** Does this device compute a format, and correctly? */
export interface Support {
  readonly ok: boolean;
  readonly maxAbsDiff?: number;
  /** One sentence, when not ok. */
  readonly reason?: string;
}

const [ROWS, COLUMNS] = [8, 64];
const TOKENS = 3;

type Shape = Pick<UniformWeight, 'bits' | 'granularity' | 'groupSize' | 'symmetric' | 'format'>;
type Use = 'MatMul' | 'Gather';

const block = (bits: Shape['bits'], format: Shape['format'], symmetric = false): Shape => ({
  ...{ bits, format, symmetric },
  ...{ granularity: 'block', groupSize: 32 },
});
const channel = (bits: Shape['bits'], format: Shape['format']): Shape => ({
  ...{ bits, format, symmetric: true },
  ...{ granularity: 'channel', groupSize: COLUMNS },
});

/** Every form the exporter writes, in the way it writes it. */
const FORMATS: Readonly<Record<string, readonly [Use, Shape]>> = {
  'matmul-nbits-2': ['MatMul', block(2, 'matmul-nbits')],
  'matmul-nbits-4': ['MatMul', block(4, 'matmul-nbits')],
  'matmul-nbits-4-symmetric': ['MatMul', block(4, 'matmul-nbits', true)],
  'matmul-nbits-8': ['MatMul', block(8, 'matmul-nbits')],
  'qdq-8': ['MatMul', channel(8, 'qdq')],
  'qdq-4': ['MatMul', channel(4, 'qdq')],
  'packed-3': ['MatMul', block(3, 'packed')],
  'packed-2': ['MatMul', block(2, 'packed')],
  'gather-block-quantized-2': ['Gather', block(2, 'gather-block-quantized')],
  'gather-block-quantized-4': ['Gather', block(4, 'gather-block-quantized')],
  'gather-block-quantized-8': ['Gather', block(8, 'gather-block-quantized')],
};

/** Ids of all probes. */
export const PROBE_IDS: readonly string[] = [...Object.keys(FORMATS), 'float16-storage'];

/** Builds one probe. Its values are small whole numbers over powers of two, so sums are exact. */
export function operatorProbe(id: string): OperatorProbe {
  const format = FORMATS[id];
  const [use, shape] = format ?? (['MatMul', undefined] as const);
  const encoded = shape === undefined ? float16Weight() : uniformWeight(shape, id);
  const { model, feeds } = floatModel(use);
  const [layer] = findLayers(model);
  const weight = decoded(encoded);
  return {
    id,
    model: applyEncoded(model, [{ layer, encoded }]),
    feeds,
    expected: use === 'Gather' ? gathered(weight, feeds) : multiplied(weight, feeds),
  };
}

const memory = new WeakMap<Runtime, Map<string, Promise<Support>>>();

/** Runs a probe on a device, once; later questions get the same answer. */
export function supports(runtime: Runtime, id: string): Promise<Support> {
  const known = memory.get(runtime) ?? new Map<string, Promise<Support>>();
  memory.set(runtime, known);
  const answer = known.get(id) ?? runProbe(runtime, operatorProbe(id));
  known.set(id, answer);
  return answer;
}

async function runProbe(runtime: Runtime, probe: OperatorProbe): Promise<Support> {
  try {
    const session = await runtime.open(probe.model);
    try {
      const { y } = await session.run(probe.feeds);
      return judged(toFloats(y), probe.expected, probe.id);
    } finally {
      await session.release();
    }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** 2⁻¹⁰ of the largest value: kernels may sum in another order, and accumulate in float32. */
function judged(found: Float32Array, expected: Float32Array, id: string): Support {
  let [maxAbsDiff, scale] = [found.length === expected.length ? 0 : Infinity, 0];
  expected.forEach((value, i) => {
    const distance = Math.abs(value - found[i]);
    maxAbsDiff = Math.max(maxAbsDiff, Number.isNaN(distance) ? Infinity : distance);
    scale = Math.max(scale, Math.abs(value));
  });
  if (maxAbsDiff <= scale * 2 ** -10) return { ok: true, maxAbsDiff };
  const reason = `This device computes the format ${id} wrongly (off by ${maxAbsDiff.toPrecision(2)} of ${scale.toPrecision(2)}).`;
  return { ok: false, maxAbsDiff, reason };
}

function floatModel(use: Use): { model: Model; feeds: Feeds } {
  const g = new GraphBuilder('probe');
  const random = seededRandom(1, `probe ${use}`);
  if (use === 'Gather') {
    const ids = g.input('ids', 'int64', [TOKENS]);
    const table = g.floats('w', [ROWS, COLUMNS], new Float32Array(ROWS * COLUMNS));
    g.output(g.op('Gather', [table, ids]), 'float32', [TOKENS, COLUMNS], 'y');
    const data = BigInt64Array.of(5n, 0n, 7n);
    return { model: finish(g), feeds: { ids: { dataType: DataType.int64, dims: [TOKENS], data } } };
  }
  const x = g.input('x', 'float32', [TOKENS, COLUMNS]);
  const w = g.floats('w', [COLUMNS, ROWS], new Float32Array(ROWS * COLUMNS));
  g.output(g.op('MatMul', [x, w]), 'float32', [TOKENS, ROWS], 'y');
  const data = Float32Array.from(
    { length: TOKENS * COLUMNS },
    () => Math.floor(random.next() * 17) / 8 - 1,
  );
  return {
    model: finish(g),
    feeds: { x: { dataType: DataType.float32, dims: [TOKENS, COLUMNS], data } },
  };
}

function finish(g: GraphBuilder): Model {
  return g.finish({ opset: 21, irVersion: 10 });
}

function uniformWeight(shape: Shape, label: string): UniformWeight {
  const random = seededRandom(2, label);
  const levels = 2 ** shape.bits;
  const groups = ROWS * Math.ceil(COLUMNS / shape.groupSize);
  const code = () => Math.floor(random.next() * levels);
  return {
    kind: 'uniform',
    ...shape,
    codes: Uint8Array.from({ length: ROWS * COLUMNS }, code),
    scales: Float32Array.from({ length: groups }, () => (1 + Math.floor(random.next() * 8)) / 64),
    ...(!shape.symmetric && { zeros: Uint8Array.from({ length: groups }, code) }),
  };
}

function float16Weight(): EncodedWeight {
  // Halves of 1, 1 + 2⁻¹⁰, … : the last bit must survive.
  const values = Uint16Array.from({ length: ROWS * COLUMNS }, (_, i) => 0x3c00 + (i % 7));
  return { kind: 'float16', values };
}

/** Ŵ = scale · (code − zero), straight from the definition. */
function decoded(encoded: EncodedWeight): Float32Array {
  const at = (i: number): number => {
    if (encoded.kind === 'float16') return 1 + (i % 7) * 2 ** -10;
    if (encoded.kind === 'dense') return encoded.values?.[i] ?? NaN;
    const { codes = [], scales = [], zeros, groupSize, bits } = encoded;
    const perRow = Math.ceil(COLUMNS / groupSize);
    const group = Math.floor(i / COLUMNS) * perRow + Math.floor((i % COLUMNS) / groupSize);
    return scales[group] * (codes[i] - (zeros?.[group] ?? 2 ** (bits - 1)));
  };
  return Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => at(i));
}

function multiplied(w: Float32Array, { x }: Feeds): Float32Array {
  return Float32Array.from({ length: TOKENS * ROWS }, (_, i) => {
    const [t, r] = [Math.floor(i / ROWS), i % ROWS];
    let sum = 0;
    for (let c = 0; c < COLUMNS; c++) sum += Number(x.data[t * COLUMNS + c]) * w[r * COLUMNS + c];
    return sum;
  });
}

function gathered(w: Float32Array, { ids }: Feeds): Float32Array {
  const rows = [...ids.data].map(Number).map((id) => w.subarray(id * COLUMNS, (id + 1) * COLUMNS));
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

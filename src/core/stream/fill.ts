import { throwIfCancelled } from '../errors/lathe-error.ts';
import type { Fillings } from '../onnx/fill.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../tensor/convert.ts';
import { elementCount } from '../tensor/data-type.ts';
import { transpose } from '../tensor/matrix.ts';
import type { Narrowed } from './holes.ts';
import type { NarrowModel } from './narrow.ts';
import type { Turner } from './tied.ts';
import { contracted, type Turn, type Weighing } from './turn.ts';

/** What filling listens to and reports. */
export interface Filling {
  readonly signal?: AbortSignal;
  readonly progress?: (fraction: number) => void;
}

/**
 * With P the turn of d columns: what writes the stream becomes W·(M·)P, what reads it behind a norm with gain γ and
 * shift β becomes W·diag(γ)·P, and its bias b + W·β.
 */
export async function fillStream(
  ground: Model,
  { stream, tensors, tied, turners, biases }: NarrowModel,
  turn: Turn,
  { signal, progress }: Filling,
): Promise<Fillings> {
  const centred = stream.norms.some(({ kind }) => kind === 'layer-norm');
  const values = reader(ground);
  const reading = await Promise.all(
    stream.norms.map(async ({ gain }): Promise<Weighing> => {
      return gain === undefined ? {} : { gain: await values(gain) };
    }),
  );
  const filled = new Map<string, Uint8Array>();
  for (const made of tensors) {
    throwIfCancelled(signal);
    const weighing = made.norm === undefined ? { centred } : reading[made.norm];
    filled.set(made.name, await turnedBytes(made, turn, weighing, values));
    progress?.(filled.size / (tensors.length + biases.length));
  }
  for (const { source, axis } of tied) {
    const whole = { name: source.name, source, axis, turned: false, dataType: source.dataType };
    filled.set(source.name, await turnedBytes(whole, turn, {}, values));
  }
  for (const turner of turners) {
    const shift = await values(stream.norms[turner.norm].shift ?? '');
    const made = turnerValues(turner, turn, reading[turner.norm], shift);
    filled.set(turner.name, fromFloat32(turner.dataType, made));
  }
  for (const { name, reader: of, before, dataType } of biases) {
    const shift = await values(stream.norms[of.norm].shift ?? '');
    const was = before && (await values(before.name, before));
    const sum = biased(await values(of.tensor.name), of.tensor, of.axis, shift, was);
    filled.set(name, fromFloat32(dataType, sum));
  }
  return filled;
}

type Values = (name: string, constant?: Tensor) => Promise<Float32Array>;

function reader({ graph }: Model): Values {
  const byName = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  return async (name, constant) => {
    const tensor = byName.get(name) ?? constant;
    if (tensor === undefined) return new Float32Array();
    return toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims));
  };
}

async function turnedBytes(
  { source, axis, turned, dataType }: Narrowed,
  turn: Turn,
  weighing: Weighing,
  values: Values,
): Promise<Uint8Array> {
  const { dims } = source;
  const outer = elementCount(dims.slice(0, axis));
  const inner = elementCount(dims.slice(axis + 1));
  const axes = [outer, dims[axis], inner] as const;
  const made = turn.along(await values(source.name, source), axes, weighing);
  if (!turned) return fromFloat32(dataType, made);
  const [rows, columns] = dims.with(axis, turn.count);
  return fromFloat32(dataType, transpose(made, rows, columns));
}

/** C = Pᵀ·M·P, K = Pᵀ·diag(γ)·P or c = β·P, Pᵀ·diag(γ) or β, for P [d, k]. */
function turnerValues(
  { kind }: Turner,
  turn: Turn,
  reading: Weighing,
  shift: Float32Array,
): Float32Array {
  const { width: d, count: k } = turn;
  if (kind === 'offset') return shift;
  if (kind === 'back') return transpose(Float32Array.from(turn.matrix(reading)), d, k);
  const p = turn.matrix();
  if (kind === 'shift') return contracted(shift, [1, d, 1], p);
  const by = turn.matrix(kind === 'centre' ? { centred: true } : reading);
  const out = new Float64Array(k * k);
  for (let row = 0; row < d; row++) {
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) out[i * k + j] += p[row * k + i] * by[row * k + j];
    }
  }
  return Float32Array.from(out);
}

/** b + W·β; W lies with its inputs along `axis`. */
function biased(
  weight: Float32Array,
  { dims }: Tensor,
  axis: number,
  shift: Float32Array,
  before: Float32Array | undefined,
): Float32Array {
  const out = dims[1 - axis];
  const sums = new Float64Array(out);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < shift.length; i++) {
      sums[o] += shift[i] * weight[axis === 0 ? i * out + o : o * shift.length + i];
    }
  }
  return Float32Array.from(sums, (sum, o) => sum + (before?.[o] ?? 0));
}

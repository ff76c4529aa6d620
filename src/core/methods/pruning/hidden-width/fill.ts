import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import type { Look } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { elementCount } from '../../../tensor/data-type.ts';
import { transpose } from '../../../tensor/matrix.ts';
import type { MethodContext } from '../../contract.ts';
import type { Narrowed } from './holes.ts';
import type { NarrowModel } from './narrow.ts';
import { centredColumns, contracted, projection, streamGram } from './rotation.ts';
import type { StreamNorm } from './stream-norm.ts';
import type { Turner } from './tied.ts';

/** Places of the stream that are looked at: what each norm reads, where it has a name. */
export function streamLooks({ stream }: NarrowModel): Look[] {
  const values = new Set(stream.norms.map(({ input }) => input).filter((value) => value !== ''));
  return [...values].map((value) => ({ value, take: ['moments'] }));
}

export interface Width {
  readonly from: number;
  readonly to: number;
  readonly rotation: 'one' | 'none';
}

/**
 * With P the projection, d columns before: what writes the stream becomes W·(M·)P, what reads it behind a norm with
 * gain γ and shift β becomes W·diag(γ)·P, and its bias b + W·β.
 */
export async function fillNarrow(
  ground: Model,
  narrow: NarrowModel,
  { from, to, rotation }: Width,
  seen: Seen,
  context: MethodContext,
): Promise<Fillings> {
  const { stream, tensors, tied, turners, biases } = narrow;
  const centred = stream.norms.some(({ kind }) => kind === 'layer-norm');
  const moments = streamLooks(narrow).flatMap((look) => seen.at(look, 'moments') ?? []);
  if (moments.length === 0) throw unseen();
  const p = projection(streamGram(moments, from, centred), to, rotation);
  const written = centred ? centredColumns(p, from) : p;
  const values = reader(ground);
  const reading = await Promise.all(stream.norms.map((norm) => readingWith(norm, p, from, values)));
  const filled = new Map<string, Uint8Array>();
  for (const made of tensors) {
    throwIfCancelled(context.signal);
    const by = made.norm === undefined ? written : reading[made.norm];
    filled.set(made.name, await narrowedBytes(made, by, values));
    context.progress?.(filled.size / (tensors.length + biases.length));
  }
  for (const { source, axis } of tied) {
    const whole = { name: source.name, source, axis, turned: false, dataType: source.dataType };
    filled.set(source.name, await narrowedBytes(whole, p, values));
  }
  for (const turner of turners) {
    const by = { p, written, read: reading[turner.norm] };
    const shift = await values(stream.norms[turner.norm].shift ?? '');
    filled.set(turner.name, fromFloat32(turner.dataType, turnerValues(turner, by, shift, from)));
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

/** diag(γ)·P. */
async function readingWith(
  { gain }: StreamNorm,
  p: Float64Array,
  width: number,
  values: Values,
): Promise<Float64Array> {
  if (gain === undefined) return p;
  const gains = await values(gain);
  const count = p.length / width;
  return p.map((x, at) => x * gains[Math.floor(at / count)]);
}

async function narrowedBytes(
  { source, axis, turned, dataType }: Narrowed,
  by: Float64Array,
  values: Values,
): Promise<Uint8Array> {
  const { dims } = source;
  const outer = elementCount(dims.slice(0, axis));
  const inner = elementCount(dims.slice(axis + 1));
  const made = contracted(await values(source.name, source), [outer, dims[axis], inner], by);
  if (!turned) return fromFloat32(dataType, made);
  const [rows, columns] = dims.with(axis, by.length / dims[axis]);
  return fromFloat32(dataType, transpose(made, rows, columns));
}

/** C = Pᵀ·M·P, K = Pᵀ·diag(γ)·P or c = β·P, for P [d, k]. */
function turnerValues(
  { kind }: Turner,
  { p, written, read }: Readonly<Record<'p' | 'written' | 'read', Float64Array>>,
  shift: Float32Array,
  d: number,
): Float32Array {
  if (kind === 'shift') return contracted(shift, [1, d, 1], p);
  const [by, k] = [kind === 'centre' ? written : read, p.length / d];
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

function unseen(): LatheError {
  return new LatheError(
    'stream-unseen',
    'No value of the residual stream came by in the calibration data, so there is nothing to turn it by; give calibration data that the model can run on.',
  );
}

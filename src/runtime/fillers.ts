import { batchAxis } from '../core/cache/axes.ts';
import { isOpen } from '../core/cache/port.ts';
import { isCacheInput } from '../core/data/cache-input.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import type { TokenBatch } from './token-batch.ts';
import type { PortInfo } from './types.ts';
import { makeValue } from './values.ts';

/** Sizes of one run. */
export interface Shape {
  readonly batch: number;
  readonly length: number;
  /** Tokens that the cache stands for. */
  readonly past: number;
  /** The input that takes the ids. */
  readonly target: PortInfo;
  /** Of a cache with a fixed number of places. */
  readonly places?: { readonly capacity: number; readonly kind: 'buffer' | 'window' };
}

export type Filler = (port: PortInfo, tokens: TokenBatch, shape: Shape) => Value;

const zeros: Filler = (port, _, { batch }) => makeValue(port.dataType, sizes(port, batch), () => 0);

/** What an input is told about the lengths of a run, by name. */
const FILLERS: readonly [(name: string) => boolean, Filler][] = [
  [named(/^(decoder_)?attention_mask$/), maskOf],
  [
    named(/^position_ids$|^positions$/),
    (port, _, shape) => grid(port, shape, (_row, column) => shape.past + column),
  ],
  [named(/^token_type_ids$|^segment_ids$/), (port, _, shape) => grid(port, shape, () => 0)],
  [
    named(/^cache_position$/),
    (port, _, shape) => grid(port, { ...shape, batch: 1 }, (_row, column) => shape.past + column),
  ],
  [isCacheInput, (port, { past }, shape) => past?.values[port.name] ?? emptyCache(port, shape)],
  [
    named(/^use_cache(_branch)?$/),
    (port, _, { past, batch }) =>
      makeValue(port.dataType, sizes(port, batch), () => Number(past > 0)),
  ],
  [named(/^num_logits_to_keep$|^logits_to_keep$/), zeros],
  // GroupQueryAttention's: the place of each row's last token, and tokens in all.
  [
    named(/^seqlens?_k\b/),
    (port, { windows }, { past, batch }) =>
      makeValue(port.dataType, sizes(port, batch), (row) => past + windows[row].length - 1),
  ],
  [
    named(/^total_seq(uence)?_len(gth)?s?$/),
    (port, _, { past, length, batch }) =>
      makeValue(port.dataType, sizes(port, batch), () => past + length),
  ],
  [
    named(/^past_(seq(uence)?_|kv_)?len(gth)?s?$|^write_ind(ex|ices)$|^start_pos(ition)?$/),
    (port, _, { past, batch }) => makeValue(port.dataType, sizes(port, batch), () => past),
  ],
];

function named(pattern: RegExp): (name: string) => boolean {
  return (name) => pattern.test(name);
}

/** By name, as Optimum, transformers.js, onnxruntime-genai and ORT's own exporters call a language model's inputs. */
export function fillerOf({ name }: PortInfo): Filler | undefined {
  return FILLERS.find(([fits]) => fits(name))?.[1];
}

export function grid(
  port: PortInfo,
  { batch, length }: Pick<Shape, 'batch' | 'length'>,
  at: (row: number, column: number) => number,
): Value {
  // Some exporters drop the batch dimension of positions and of single-sequence models.
  const dims = port.dims.length === 1 ? [batch * length] : [batch, length];
  return makeValue(port.dataType, dims, (i) => at(Math.floor(i / length), i % length));
}

/**
 * What each token may see. Two axes: 1 for every place that holds a token, in the cache or in what is read. Four:
 * the same for each token that is read, [batch, 1, read, places], as 1, true, or in floating point 0 for what it
 * may see and the most negative number for what it may not.
 */
function maskOf(port: PortInfo, tokens: TokenBatch, shape: Shape): Value {
  const width = maskWidth(port, shape);
  const seen = visible(shape);
  const { batch, length } = shape;
  const last = (row: number) => tokens.windows[row].length;
  if (port.dims.length < 4) {
    return grid(port, { batch, length: width }, (row, place) => Number(seen(place, last(row) - 1)));
  }
  const { dataType } = port;
  const [yes, no] = isFloat(dataType) ? [0, lowest(dataType)] : [1, 0];
  return makeValue(dataType, [batch, 1, length, width], (i) => {
    const [place, rest] = [i % width, Math.floor(i / width)];
    const [token, row] = [rest % length, Math.floor(rest / length)];
    return seen(place, Math.min(token, last(row) - 1)) ? yes : no;
  });
}

/** Places that a mask covers. */
function maskWidth({ dims }: PortInfo, { past, length, places }: Shape): number {
  const declared = dims.at(-1);
  if (typeof declared === 'number' && declared >= 0) return declared;
  return places?.kind === 'window' ? places.capacity + length : past + length;
}

/** Whether a place holds a token, up to the `token`-th of those that are read. */
function visible({ past, places }: Shape): (place: number, token: number) => boolean {
  if (places?.kind !== 'window') return (place, token) => place <= past + token;
  const { capacity } = places;
  return (place, token) => place >= capacity - past && place <= capacity + token;
}

/** A cache of no tokens: of no places, or of zeros where their number is fixed. */
function emptyCache(port: PortInfo, { batch, target }: Shape): Value {
  const counts = batchAxis(port, target);
  const dims = port.dims.map((dim, axis) => {
    if (axis === counts) return isOpen(dim) ? batch : Number(dim);
    return isOpen(dim) ? 0 : Number(dim);
  });
  return makeValue(port.dataType, dims, () => 0);
}

/** Sizes of an input that counts no tokens: what is open counts examples. */
function sizes({ dims }: PortInfo, batch: number): number[] {
  return dims.map((dim) => (isOpen(dim) ? batch : Number(dim)));
}

function isFloat(dataType: number): boolean {
  return dataType === DataType.float32 || dataType === DataType.float16;
}

function lowest(dataType: number): number {
  return dataType === DataType.float16 ? -65504 : -3.4028234663852886e38;
}

import { floatAttribute, intAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import type { Emitter } from '../../emitter.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';
import { lookUp, positionsUpTo } from './embedding.ts';

/** Angles of a rotation: cos and sin of a size that broadcasts to the first (or even) half of x. */
export interface Turn {
  readonly cos: string;
  readonly sin: string;
  /** Pairs are neighbours; else element i turns with element i + R/2. */
  readonly interleaved: boolean;
}

/**
 * Rotary embedding of the last axis of x [·, ·, ·, H]: (a, b) ↦ (a·cos − b·sin, a·sin + b·cos) for each
 * pair among its first R = 2·(last size of cos) elements; the others pass.
 *
 * @see Su et al., RoFormer (2021), arXiv 2104.09864, §3.2.2
 */
export function rotate(emit: Emitter, x: string, turn: Turn): string {
  const size = emit.dims(x)[3];
  const turned = 2 * (emit.dims(turn.cos).at(-1) ?? 0);
  if (turned === size) return rotateAll(emit, x, turn);
  const [first, rest] = cut(emit, x, 3, [turned, size - turned]);
  return emit.concat([rotateAll(emit, first, turn), rest], 3);
}

function rotateAll(emit: Emitter, x: string, { cos, sin, interleaved }: Turn): string {
  const dims = emit.dims(x);
  const half = [...dims.slice(0, 3), dims[3] / 2];
  const pairs = interleaved ? emit.reshape(x, [...half, 2]) : x;
  const axis = interleaved ? 4 : 3;
  const width = interleaved ? 1 : dims[3] / 2;
  const [a, b] = cut(emit, pairs, axis, [width, width]).map((part) => emit.reshape(part, half));
  const real = emit.sub(emit.mul(a, cos), emit.mul(b, sin));
  const imaginary = emit.add(emit.mul(a, sin), emit.mul(b, cos));
  if (!interleaved) return emit.concat([real, imaginary], 3);
  const columns = [real, imaginary].map((part) => emit.reshape(part, [...half, 1]));
  return emit.reshape(emit.concat(columns, 4), dims);
}

function cut(emit: Emitter, x: string, axis: number, sizes: readonly number[]): string[] {
  const dims = sizes.map((size) => emit.dims(x).map((old, at) => (at === axis ? size : old)));
  return emit.ops('Split', [x, emit.integers(...sizes)], dims, { attributes: { axis } });
}

/** Rows of the tables for `positions` ([S] or [B, S]; the first `length` rows where undefined). */
export function turnAt(
  context: RewriteContext,
  tables: readonly [cos: string, sin: string],
  positions: string | undefined,
  { length, headsFirst }: { readonly length: number; readonly headsFirst: boolean },
): readonly [cos: string, sin: string] {
  const { emit, once } = context;
  const looked = tables.map((table) =>
    once(`angles ${table} ${positions ?? length} ${headsFirst}`, () => {
      const rows = lookUp(emit, table, positions ?? positionsUpTo(context, length));
      return besideHeads(emit, rows, headsFirst);
    }),
  );
  return [looked[0], looked[1]];
}

/** [S, R/2] or [B, S, R/2] → with an axis of one for the heads: [·, 1, S, R/2] or [·, S, 1, R/2]. */
function besideHeads(emit: Emitter, rows: string, headsFirst: boolean): string {
  const dims = emit.dims(rows);
  const [length, width] = dims.slice(-2);
  const batch = dims.length === 3 ? dims[0] : 1;
  return emit.reshape(rows, headsFirst ? [batch, 1, length, width] : [batch, length, 1, width]);
}

/** x as [B, N, S, H] (4-D) or [B, S, N, H] (from 3-D), which the tables' sizes follow. */
function inHeads({ node, emit, input, dims }: RewriteContext, table: number) {
  const size = dims(0);
  if (size.length === 4) return { x: input(0), length: size[2], headsFirst: true };
  const given = intAttribute(node, 'num_heads', 0);
  const width = given > 0 ? size[2] / given : 2 * (dims(table).at(-1) ?? 1);
  const parted = emit.reshape(input(0), [size[0], size[1], size[2] / width, width]);
  return { x: parted, length: size[1], headsFirst: false };
}

/** com.microsoft RotaryEmbedding: x, positions ([1]: where they begin, or [B, S]), cos and sin tables. */
function microsoftRotary(context: RewriteContext) {
  const { node, emit, input, dims, refuse } = context;
  if (floatAttribute(node, 'scale', 1) !== 1 || intAttribute(node, 'is_packed_batching', 0) === 1) {
    throw refuse(
      'scales or packs its batch, which is not written out here; export the model unfused',
    );
  }
  const { x, length, headsFirst } = inHeads(context, 2);
  const counted = () => emit.add(positionsUpTo(context, length), input(1));
  const positions =
    dims(1).length === 1 ? context.once(`positions ${length} from ${input(1)}`, counted) : input(1);
  const [cos, sin] = turnAt(context, [input(2), input(3)], positions, { length, headsFirst });
  const interleaved = intAttribute(node, 'interleaved', 0) === 1;
  return [emit.reshape(rotate(emit, x, { cos, sin, interleaved }), dims(0))];
}

/** RotaryEmbedding of ai.onnx 23: x, cos and sin: tables with positions [B, S], or [B, S, R/2] without. */
function standardRotary(context: RewriteContext) {
  const { node, emit, input, has, dims } = context;
  const { x, length, headsFirst } = inHeads(context, 1);
  const [cos, sin] = has(3)
    ? turnAt(context, [input(1), input(2)], input(3), { length, headsFirst })
    : [1, 2].map((index) => besideHeads(emit, input(index), headsFirst));
  const interleaved = intAttribute(node, 'interleaved', 0) === 1;
  return [emit.reshape(rotate(emit, x, { cos, sin, interleaved }), dims(0))];
}

export const rotaryRewrites: readonly RewriteEntry[] = [
  { operators: ['RotaryEmbedding'], domain: MICROSOFT, rewrite: microsoftRotary },
  { operators: ['RotaryEmbedding'], rewrite: standardRotary },
];

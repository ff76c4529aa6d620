import type { Constants } from './constants.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { headSizeOf } from './llama-config.ts';
import type { LlamaConfig } from './llama-config.ts';

/** The most negative float32: what exporters add to scores that must not be attended to. */
const MASKED = -3.4028234663852886e38;

/** What every part of the model writes into and reads from. */
export interface LlamaGraph {
  readonly g: GraphBuilder;
  readonly constants: Constants;
  readonly config: LlamaConfig;
}

/** Values shared by all blocks. */
export interface SharedValues {
  /** Added to scores: [sequence, sequence] or [batch, 1, sequence, sequence]. */
  readonly mask: string;
  /** Rotary factors: [sequence, …] or [batch, 1, sequence, …]. */
  readonly cos: string;
  readonly sin: string;
}

/** Builds mask and rotary factors from the inputs' shape, once for all blocks. */
export function sharedValues(graph: LlamaGraph, inputIds: string): SharedValues {
  const { g, constants } = graph;
  const length = g.op('Gather', [g.op('Shape', [inputIds]), constants.integer(1)], { axis: 0 });
  const range = g.op('Range', [constants.integer(0), length, constants.integer(1)]);
  return { mask: causalMask(graph, range), ...rotaryFactors(graph, range) };
}

function causalMask({ g, constants, config }: LlamaGraph, range: string): string {
  const rows = g.op('Unsqueeze', [range, constants.integers(1)]);
  const columns = g.op('Unsqueeze', [range, constants.integers(0)]);
  let allowed = g.op('LessOrEqual', [columns, rows]);
  if (config.attentionMask) {
    const attended = g.op('Cast', [g.input('attention_mask', 'int64', ['batch', 'sequence'])], {
      to: 9,
    });
    allowed = g.op('And', [allowed, g.op('Unsqueeze', [attended, constants.integers(1, 2)])]);
  }
  return g.op('Where', [allowed, constants.float(0), constants.float(MASKED)]);
}

/** Radians per position of each pair: base^(−2i/headSize), i < headSize/2, unless stated. */
function frequenciesOf(config: LlamaConfig): readonly number[] {
  const half = headSizeOf(config) / 2;
  const base = config.rotaryBase ?? 10000;
  return config.rotaryFrequencies ?? Array.from({ length: half }, (_, i) => base ** (-i / half));
}

function rotaryFactors(graph: LlamaGraph, range: string) {
  const { g, constants, config } = graph;
  const positions = config.positionIds
    ? g.input('position_ids', 'int64', ['batch', 'sequence'])
    : range;
  const { maxPositions } = config;
  const rowsOf =
    maxPositions === Infinity
      ? computedAngles(graph, positions)
      : storedAngles(graph, positions, maxPositions);
  const factor = (name: 'cos' | 'sin') => {
    let rows = rowsOf(name);
    if (config.positionIds) rows = g.op('Unsqueeze', [rows, constants.integers(1)]);
    return config.rotary === 'half-split' ? g.op('Concat', [rows, rows], { axis: -1 }) : rows;
  };
  return { cos: factor('cos'), sin: factor('sin') };
}

type AngleRows = (name: 'cos' | 'sin') => string;

/** Rows of two tables [maxPositions, headSize/2]. */
function storedAngles(
  { g, config }: LlamaGraph,
  positions: string,
  maxPositions: number,
): AngleRows {
  const frequencies = frequenciesOf(config);
  const half = frequencies.length;
  return (name) => {
    const table = Float32Array.from({ length: maxPositions * half }, (_, k) =>
      Math[name](Math.floor(k / half) * frequencies[k % half]),
    );
    const stored = g.floats(`model.rotary_emb.${name}_cached`, [maxPositions, half], table);
    return g.op('Gather', [stored, positions], { axis: 0 });
  };
}

/** cos and sin of position · frequency. */
function computedAngles({ g, constants, config }: LlamaGraph, positions: string): AngleRows {
  const frequencies = Float32Array.from(frequenciesOf(config));
  const row = g.floats('model.rotary_emb.inv_freq', [frequencies.length], frequencies);
  const column = g.op('Unsqueeze', [g.op('Cast', [positions], { to: 1 }), constants.integers(-1)]);
  const angles = g.op('Mul', [column, row]);
  return (name) => g.op(name === 'cos' ? 'Cos' : 'Sin', [angles]);
}

/** Turns each pair of channels of x [batch, heads, sequence, headSize] by its position's angle. */
function rotate(graph: LlamaGraph, x: string, heads: number, shared: SharedValues): string {
  return graph.config.rotary === 'half-split'
    ? rotateHalves(graph, x, shared)
    : rotatePairs(graph, x, heads, shared);
}

/** x·cos + (−x₂, x₁)·sin with x = (x₁, x₂): Hugging Face's `rotate_half`. */
function rotateHalves({ g, constants, config }: LlamaGraph, x: string, shared: SharedValues) {
  const size = headSizeOf(config);
  const slice = (from: number, to: number) => {
    const bounds = [constants.integers(from), constants.integers(to), constants.integers(-1)];
    return g.op('Slice', [x, ...bounds]);
  };
  const first = slice(0, size / 2);
  const second = g.op('Neg', [slice(size / 2, size)]);
  const turned = g.op('Concat', [second, first], { axis: -1 });
  return g.op('Add', [g.op('Mul', [x, shared.cos]), g.op('Mul', [turned, shared.sin])]);
}

/** (x₀cos − x₁sin, x₀sin + x₁cos) on neighbours: the layout of Meta's and llama2.c's checkpoints. */
function rotatePairs(
  { g, constants, config }: LlamaGraph,
  x: string,
  heads: number,
  { cos, sin }: SharedValues,
): string {
  const size = headSizeOf(config);
  const pairs = g.op('Reshape', [x, constants.integers(0, heads, -1, size / 2, 2)]);
  const [even, odd] = g
    .ops('Split', [pairs, constants.integers(1, 1)], 2, { axis: -1 })
    .map((half) => g.op('Squeeze', [half, constants.integers(-1)]));
  const real = g.op('Sub', [g.op('Mul', [even, cos]), g.op('Mul', [odd, sin])]);
  const imaginary = g.op('Add', [g.op('Mul', [even, sin]), g.op('Mul', [odd, cos])]);
  const joined = [real, imaginary].map((part) => g.op('Unsqueeze', [part, constants.integers(-1)]));
  const stacked = g.op('Concat', joined, { axis: -1 });
  return g.op('Reshape', [stacked, constants.integers(0, heads, -1, size)]);
}

/** [batch, sequence, heads·headSize] → [batch, heads, sequence, headSize]. */
function splitHeads({ g, constants, config }: LlamaGraph, x: string, heads: number): string {
  const shape = constants.integers(0, 0, heads, headSizeOf(config));
  return g.op('Transpose', [g.op('Reshape', [x, shape])], { perm: [0, 2, 1, 3] });
}

/** Gives every query head its key/value head by repeating each of them heads / keyValueHeads times. */
function repeatHeads({ g, constants, config }: LlamaGraph, x: string): string {
  const times = config.heads / config.keyValueHeads;
  if (times === 1) return x;
  const single = g.op('Unsqueeze', [x, constants.integers(2)]);
  const repeated = g.op('Expand', [single, constants.integers(1, 1, times, 1, 1)]);
  const shape = constants.integers(0, config.heads, -1, headSizeOf(config));
  return g.op('Reshape', [repeated, shape]);
}

/** softmax(q·kᵀ/√headSize + mask)·v over all heads, heads joined again: [batch, sequence, heads·headSize]. */
export function attention(
  graph: LlamaGraph,
  projected: { readonly query: string; readonly key: string; readonly value: string },
  shared: SharedValues,
): string {
  const { g, constants, config } = graph;
  const { heads, keyValueHeads } = config;
  const q = rotate(graph, splitHeads(graph, projected.query, heads), heads, shared);
  const k = rotate(graph, splitHeads(graph, projected.key, keyValueHeads), keyValueHeads, shared);
  const keys = repeatHeads(graph, k);
  const values = repeatHeads(graph, splitHeads(graph, projected.value, keyValueHeads));
  const products = g.op('MatMul', [q, g.op('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
  const scores = g.op('Div', [products, constants.float(Math.sqrt(headSizeOf(config)))]);
  const weights = g.op('Softmax', [g.op('Add', [scores, shared.mask])], { axis: -1 });
  const mixed = g.op('Transpose', [g.op('MatMul', [weights, values])], { perm: [0, 2, 1, 3] });
  return g.op('Reshape', [mixed, constants.integers(0, 0, heads * headSizeOf(config))]);
}

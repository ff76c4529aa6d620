import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import { takeBranch } from '../core/onnx/branches/take-branch.ts';
import { extractSubgraph } from '../core/onnx/graph/extract.ts';
import { inferShapes, type ShapeInfo } from '../core/onnx/shape/infer.ts';
import type { Model } from '../core/onnx/types.ts';
import { modelCache } from '../core/cache/model-ports.ts';
import type { Report } from '../core/report/types.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import { withOwnCaches } from './cache-feeds.ts';
import type { Runtime } from './types.ts';
import { toFloats, type Feeds } from './values.ts';

/** How far one value computed on two devices lies apart. */
export interface ValueDifference {
  readonly name: string;
  /** max |a − b|; infinite when shapes differ or only one is finite. */
  readonly maxAbsDiff: number;
  /** maxAbsDiff / max |a|. */
  readonly relative: number;
  /** The largest `relative` that rounding explains, from the value's dtype. */
  readonly tolerance: number;
}

export interface Parity {
  readonly equal: boolean;
  readonly maxAbsDiff: number;
  readonly outputs: readonly ValueDifference[];
  readonly firstDivergingNode?: string;
}

/** Values compared in one round of the search. */
const PROBES = 15;

/**
 * Runs the model on two devices with the same inputs and compares every output. When one differs by
 * more than rounding explains, the first node whose output does is found by comparing inner values,
 * {@link PROBES} at a time.
 */
export async function checkParity(
  reference: Runtime,
  other: Runtime,
  model: Model,
  feeds: Feeds,
  signal?: AbortSignal,
): Promise<Parity> {
  const names = comparedOutputs(model);
  const outputs = await compareValues(reference, other, model, feeds, names);
  const equal = outputs.every(isEqual);
  const maxAbsDiff = outputs.reduce((top, { maxAbsDiff: d }) => Math.max(top, d), 0);
  if (equal) return { equal, maxAbsDiff, outputs };
  const branch = takeBranch(model);
  const firstDivergingNode = await firstDivergence(reference, other, branch, feeds, signal);
  return { equal, maxAbsDiff, outputs, firstDivergingNode };
}

/** All but a cache that is stored in codes: what lies between two may be rounded to either. */
function comparedOutputs(model: Model): string[] {
  const names = model.graph.outputs.map(({ name }) => name);
  const { layout, outputs = [] } = modelCache(model) ?? {};
  const codes = (layout?.pairs ?? []).filter(({ present }) =>
    outputs.some(({ name, dataType }) => name === present && dataType === DataType.uint8),
  );
  return names.filter((name) => codes.every(({ present }) => present !== name));
}

/** The report's lines. `reference` ran on WASM. */
export function parityReport({ equal, maxAbsDiff, firstDivergingNode }: Parity): Report['parity'] {
  return {
    wasm: true,
    webgpu: equal,
    maxAbsDiff,
    ...(firstDivergingNode !== undefined && { firstDivergingNode }),
  };
}

/**
 * 2¹³·ε for float32: errors of one product grow as √K·ε (K to 4096: 2⁶), and 2⁷ is left for tens of
 * layers. For float16 only stored values are rounded (sums are float32): 2⁵·ε. Whole numbers must be equal.
 */
function toleranceOf(dataType: number): number {
  if (dataType === DataType.float16) return 2 ** (5 - 10);
  if (dataType === DataType.float32) return 2 ** (13 - 23);
  if (dataType === DataType.float64) return 2 ** (13 - 52);
  return 0;
}

/** Distance of one value from its reference. */
export function differenceOf(name: string, wanted: Value, found: Value): ValueDifference {
  const tolerance = toleranceOf(wanted.dataType);
  const [a, b] = [toFloats(wanted), toFloats(found)];
  if (wanted.dims.join() !== found.dims.join()) {
    return { name, maxAbsDiff: Infinity, relative: Infinity, tolerance };
  }
  let [maxAbsDiff, scale] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    // Equal infinities (masks) and two NaNs are no difference; −∞ beside a number is.
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const distance = Math.abs(a[i] - b[i]);
    maxAbsDiff = Math.max(maxAbsDiff, Number.isFinite(distance) ? distance : Infinity);
  }
  for (const value of a) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  const relative = maxAbsDiff === 0 ? 0 : maxAbsDiff / scale;
  return { name, maxAbsDiff, relative, tolerance };
}

export function isEqual({ relative, tolerance }: ValueDifference): boolean {
  return relative <= tolerance;
}

/** One runtime after the other: never two models in memory. */
async function compareValues(
  reference: Runtime,
  other: Runtime,
  model: Model,
  feeds: Feeds,
  names: readonly string[],
): Promise<ValueDifference[]> {
  const wanted = await valuesOn(reference, model, feeds, names);
  const found = await valuesOn(other, model, feeds, names);
  return names.flatMap((name) =>
    name in wanted && name in found ? [differenceOf(name, wanted[name], found[name])] : [],
  );
}

async function valuesOn(runtime: Runtime, model: Model, feeds: Feeds, names: readonly string[]) {
  const session = await runtime.open(model);
  try {
    return await session.run(withOwnCaches(session.inputs, feeds), names);
  } finally {
    await session.release();
  }
}

/**
 * Name of the first node (in graph order) whose output differs. Invariant: everything up to `low` is
 * equal, something at or before `high` is not; each round compares {@link PROBES} values in between.
 */
async function firstDivergence(
  reference: Runtime,
  other: Runtime,
  model: Model,
  feeds: Feeds,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const shapes = inferShapes(model);
  const candidates = comparableNodes(model, shapes);
  let [low, high] = [-1, candidates.length - 1];
  while (high - low > 1) {
    throwIfCancelled(signal);
    const picks = spread(low, high);
    const values = picks.map((at) => candidates[at].value);
    const probe = extractSubgraph(model, [], values, shapes);
    const found = await compareValues(reference, other, probe, feeds, values);
    const first = found.findIndex((difference) => !isEqual(difference));
    if (first === -1) low = picks[picks.length - 1];
    else [low, high] = [first === 0 ? low : picks[first - 1], picks[first]];
  }
  return candidates[high]?.node;
}

/** Nodes with a first output of a known floating-point type, in an order in which they can run. */
function comparableNodes(model: Model, shapes: ShapeInfo) {
  const floats = new Set<number>([DataType.float32, DataType.float16]);
  return model.graph.nodes.flatMap((node) => {
    const value = node.outputs[0];
    const dataType = shapes.dataTypeOf(value);
    return dataType !== undefined && floats.has(dataType)
      ? [{ node: node.name === '' ? value : node.name, value }]
      : [];
  });
}

function spread(low: number, high: number): number[] {
  const inside = high - low - 1;
  const count = Math.min(PROBES, inside);
  return Array.from(
    { length: count },
    (_, i) => low + 1 + Math.floor(((i + 0.5) * inside) / count),
  );
}

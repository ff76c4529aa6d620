import { isAdapterInput } from '../adapters/inputs.ts';
import type { Model, ValueInfo } from '../onnx/types.ts';
import { byteLengthOf, DataType } from '../tensor/data-type.ts';
import { batchAxis } from './axes.ts';
import { cacheLayout, type CacheLayout } from './layout.ts';
import type { CachePort } from './port.ts';
import { tokenInput } from './token-input.ts';

/** A model's key/value cache with the ports it goes through. */
export interface ModelCache {
  readonly layout: CacheLayout;
  readonly inputs: readonly CachePort[];
  readonly outputs: readonly CachePort[];
  /** The input that takes ids. */
  readonly tokens?: CachePort;
}

/** The cache of a model, as its graph declares it; undefined where it offers none that can be used. */
export function modelCache({ graph }: Model): ModelCache | undefined {
  const weights = new Set(graph.initializers.map(({ name }) => name));
  const given = graph.inputs.filter(({ name }) => !weights.has(name)).map(portOf);
  const inputs = given.filter(({ dims }) => !isAdapterInput(dims));
  const outputs = graph.outputs.map(portOf);
  const tokens = tokenInput(inputs);
  const layout = cacheLayout(inputs, outputs, tokens);
  return layout && { layout, inputs, outputs, ...(tokens && { tokens }) };
}

/**
 * Bytes that a model's cache takes for each token of one text: Σ over its inputs of their sizes without batch and
 * tokens, times the bytes of a number. Undefined where it offers no cache.
 */
export function cacheBytesPerToken(model: Model): number | undefined {
  const cache = modelCache(model);
  if (cache === undefined) return undefined;
  const bytes = cache.layout.pairs.map(({ past, axis }) => {
    const port = cache.inputs.find(({ name }) => name === past);
    if (port === undefined) return 0;
    const batch = batchAxis(port, cache.tokens);
    const sizes = port.dims.filter((_, at) => at !== batch && at !== axis).map(Number);
    return byteLengthOf(port.dataType, sizes);
  });
  return bytes.reduce((sum, size) => sum + size, 0);
}

/** Bytes that a cache takes for each token of a text, before and after. */
export interface CacheChange {
  readonly before: number;
  readonly after: number;
}

/** What becomes of a model's cache; undefined where it keeps its size, or there is none. */
export function cacheChange(before: Model, after: Model): CacheChange | undefined {
  const [was, is] = [before, after].map(cacheBytesPerToken);
  return was === undefined || is === undefined || was === is
    ? undefined
    : { before: was, after: is };
}

function portOf({ name, type }: ValueInfo): CachePort {
  const dims = (type?.dims ?? []).map((dim, axis) => dim.value ?? dim.symbol ?? `${name}.${axis}`);
  return { name, dataType: type?.dataType ?? DataType.undefined, dims };
}

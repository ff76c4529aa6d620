import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { EncodedWeight } from '../methods/encoding.ts';
import { placeOf } from '../methods/site.ts';
import type { Model } from '../onnx/types.ts';
import { sizeOf } from '../onnx/size.ts';
import type { Coverage } from '../report/types.ts';
import type { Ground, PlannedSize, PlanProblem, Skipped } from './plan-types.ts';

/** What an earlier step made of a layer. */
export interface Change {
  readonly step: number;
  readonly title: string;
  readonly encoded: EncodedWeight;
}

/** The model as planned so far, and what was done to it. */
export interface PlanState {
  model: Model;
  /** Its layers follow the edits: see {@link followLayers}. */
  anatomy: Anatomy;
  readonly original: Model;
  /** The model a step put in the original's place. */
  ground?: Ground;
  changed: boolean;
  /** A step has trained weights: their values are known only after it ran. */
  trained: boolean;
  removedParameters: number;
  removedBytes: number;
  readonly problems: PlanProblem[];
  readonly skipped: Skipped[];
  /** By `layer.output`. */
  readonly changes: Map<string, Change>;
  readonly bytes: Map<string, number>;
  coverage(original: Model): Coverage;
  sizes(original: Anatomy): readonly PlannedSize[];
}

/** Nothing done yet. */
export function startState(model: Model, anatomy: Anatomy): PlanState {
  const before = storedBytes(model, anatomy.layers);
  const state: PlanState = {
    model,
    anatomy: followLayers(model, anatomy),
    original: model,
    changed: false,
    trained: false,
    removedParameters: 0,
    removedBytes: 0,
    problems: [],
    skipped: [],
    changes: new Map(),
    bytes: new Map(),
    coverage: (original) => coverageOf(state, original, before),
    sizes: (layers) => sizesOf(state, layers, before),
  };
  return state;
}

/**
 * The anatomy with every layer's weight and layout as they are in this model: edits keep a layer's
 * output, so its node and its weight can be found again. Layers that are no plain weights stay as given.
 */
export function followLayers(model: Model, anatomy: Anatomy): Anatomy {
  const layers = anatomy.layers.map((layer) => {
    const place = placeOf(model, layer);
    if (place === undefined) return layer;
    const { weight, stored } = place;
    const same = weight.name === layer.weight && stored === layer.layout;
    return same ? layer : { ...layer, weight: weight.name, layout: stored };
  });
  return { ...anatomy, layers };
}

/** Bytes of each layer's plain weight; one that several layers share counts for the first. */
export function storedBytes(model: Model, layers: readonly Layer[]): Map<string, number> {
  const seen = new Set<string>();
  const bytes = new Map<string, number>();
  for (const layer of layers) {
    const weight = placeOf(model, layer)?.weight;
    const counted = weight === undefined || seen.has(weight.name);
    bytes.set(layer.output, counted ? 0 : weight.data.byteLength);
    if (weight !== undefined) seen.add(weight.name);
  }
  return bytes;
}

function coverageOf(state: PlanState, original: Model, before: Map<string, number>): Coverage {
  const touched = [...state.changes.keys()].map((output) => before.get(output) ?? 0);
  const totalBytes = sizeOf(original).tensorBytes;
  const compressed = touched.reduce((sum, bytes) => sum + bytes, state.removedBytes);
  return {
    compressedBytes: Math.min(totalBytes, compressed),
    totalBytes,
    skipped: unique(state.skipped),
  };
}

function unique(skipped: readonly Skipped[]): readonly Skipped[] {
  const byKey = new Map(skipped.map((item) => [`${item.name}\n${item.reason}`, item]));
  return [...byKey.values()];
}

function sizesOf(
  state: PlanState,
  { layers }: Anatomy,
  before: Map<string, number>,
): readonly PlannedSize[] {
  const left = storedBytes(
    state.model,
    layers.filter(({ output }) => !state.changes.has(output)),
  );
  return layers.map(({ name, output }) => {
    const reason = state.changes.has(output)
      ? undefined
      : state.skipped.find((item) => item.name === name)?.reason;
    return {
      name,
      bytesBefore: before.get(output) ?? 0,
      bytesAfter: state.bytes.get(output) ?? left.get(output) ?? 0,
      ...(reason !== undefined && { reason }),
    };
  });
}

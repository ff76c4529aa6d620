import type { Anatomy, Layer } from '../anatomy/types.ts';
import { placeOf } from '../encodings/index.ts';
import type { Change } from '../methods/contract.ts';
import { storedBytes } from '../methods/stored-bytes.ts';
import { weightsOf } from '../onnx/size.ts';
import type { Model, TensorData } from '../onnx/types.ts';
import type { Coverage } from '../report/types.ts';
import { leftAlone } from './left-alone.ts';
import { rememberedAnatomy } from './plan-memo.ts';
import type { PlannedSize, PlannedStep, PlanProblem } from './plan-types.ts';

type Skipped = PlannedStep['skipped'][number];

/** The model as planned so far, and what was done to it. */
export interface PlanState {
  model: Model;
  /** Its layers follow the edits: see {@link followLayers}. */
  anatomy: Anatomy;
  readonly original: Model;
  changed: boolean;
  removedParameters: number;
  removedBytes: number;
  readonly problems: PlanProblem[];
  readonly skipped: Skipped[];
  /** Layers (by `layer.output`) that a step was pointed at. */
  readonly pointedAt: Set<string>;
  /** By `layer.output`. */
  readonly changes: Map<string, Change>;
  readonly bytes: Map<string, number>;
  /** Which step decides what is still open. */
  readonly holes: Map<TensorData, Pick<Change, 'step' | 'title'>>;
  coverage(): Coverage;
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
    removedParameters: 0,
    removedBytes: 0,
    problems: [],
    skipped: [],
    pointedAt: new Set(),
    changes: new Map(),
    bytes: new Map(),
    holes: new Map(),
    coverage: () => coverageOf(state, anatomy, before),
    sizes: (layers) => sizesOf(state, layers, before),
  };
  return state;
}

/**
 * The anatomy with every layer's weight and layout as they are in this model: edits keep a layer's
 * output, so its node and its weight can be found again. Layers that are no plain weights stay as given.
 */
export function followLayers(model: Model, anatomy: Anatomy): Anatomy {
  return rememberedAnatomy(model, anatomy, (layer) => {
    const place = placeOf(model, layer);
    if (place === undefined) return layer;
    const { weight, stored } = place;
    const same = weight.name === layer.weight && stored === layer.layout;
    return same ? layer : { ...withoutCodes(layer), weight: weight.name, layout: stored };
  });
}

/** A layer whose weight has become plain numbers. */
function withoutCodes(layer: Layer): Layer {
  return layer.stored === undefined ? layer : { ...layer, stored: undefined };
}

function coverageOf(state: PlanState, anatomy: Anatomy, before: Map<string, number>): Coverage {
  const { original, model, changes } = state;
  const touched = [...state.changes.keys()].map((output) => before.get(output) ?? 0);
  const totalBytes = weightsOf(original).tensorBytes;
  const compressed = touched.reduce((sum, bytes) => sum + bytes, state.removedBytes);
  return {
    compressedBytes: Math.min(totalBytes, compressed),
    totalBytes,
    skipped: leftAlone({
      original,
      anatomy,
      model,
      changed: ({ output }) => changes.has(output),
      pointedAt: ({ output }) => state.pointedAt.has(output),
      skipped: unique(state.skipped),
      bytes: before,
    }),
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

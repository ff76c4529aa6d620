import type { Layer } from '../core/anatomy/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { Model } from '../core/onnx/types.ts';
import type { EncodeWork } from '../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../core/recipe/plan-types.ts';
import { needsFloatPath } from '../core/statistics/look.ts';
import { MOMENTS_AT_ONCE, momentsBytes } from './compress/moments-bytes.ts';
import { KEPT_IN_MEMORY } from './compress/spill.ts';
import { DEFAULT_CALIBRATION, WINDOWS_PER_BATCH } from './data/calibration.ts';
import { windowLength } from './data/batches.ts';
import type { OpenModel } from './model/open.ts';

/** What a run takes at its peak, in bytes, estimated from shapes alone. WebAssembly's heap never shrinks. */
export interface MemoryNeeds {
  /** The device's heap while methods look at calibration: the model, or its largest part where it goes in parts. */
  readonly looking: number;
  /** The same while the written file runs beside the original. */
  readonly measuring: number;
  /** Outside it: second moments, activations, the layer at work, compressed weights. */
  readonly working: number;
}

type Opened = Pick<OpenModel, 'name' | 'model' | 'anatomy' | 'config'>;

/**
 * Heap per byte of weights. A small model is handed over as one file and copied on the way (measured
 * 3.9 with prepacking); of a large one the weights go over in shards (1.5, see runtime/session-fit).
 */
const HEAP = { inlineUpTo: 32 * 2 ** 20, inline: 3.9, shards: 1.5 };
const FLOAT = 4;
/** Values between two stops of a walk that later parts need: the residual and what is read now. */
const KEPT_VALUES = 3;

/** Peak memory of a run on a device that ends at `limit`: measuring is left out where it does not fit. */
export function peakMemory(open: Opened, plan: Plan, limit = Infinity): number {
  const { looking, measuring, working } = memoryNeeds(open, plan);
  return Math.max(looking, measuring <= limit ? measuring : 0) + working;
}

export function memoryNeeds(open: Opened, plan: Plan): MemoryNeeds {
  const original = sessionHeap(weightBytes(open.model));
  const compressed = sessionHeap(weightBytes(plan.model));
  const logits = windowLength(open) * (open.anatomy.vocabularySize ?? 0) * FLOAT;
  const works = plan.steps.flatMap(({ work }) => work);
  const looks = works.some((work) => work.kind !== 'train' && work.look !== undefined);
  return {
    looking: looks ? lookingBytes(open.model, original) : 0,
    // The original and the compressed model run side by side.
    measuring: original + compressed + 2 * logits,
    working: Math.max(2 * logits, ...plan.steps.map((step) => stepBytes(step, plan))) + kept(plan),
  };
}

/** Where one session cannot hold the model, each part does with the weights between two layers' inputs. */
function lookingBytes(model: Model, whole: number): number {
  return Math.min(whole, sessionHeap(largestWeight(model).bytes));
}

/** Why the written file cannot be measured on a device that ends at `limit`; undefined where it can. */
export function measuringRefusal(open: Opened, plan: Plan, limit: number): string | undefined {
  const { measuring } = memoryNeeds(open, plan);
  if (measuring <= limit) return undefined;
  const [before, after] = [weightBytes(open.model), weightBytes(plan.model)];
  const fits = (limit / HEAP.shards) * (before / (before + after));
  return `Measuring "${open.name}" beside its compressed form takes about ${gigabytes(measuring)} and this device ends at ${gigabytes(limit)}; with this recipe a model of at most ${gigabytes(fits)} of weights would fit, and headless "lathe compress --runtime node" has no such limit.`;
}

/** Refuses a run that cannot end well, before it starts. Throws `memory-too-small`. */
export function assertMemory(open: Opened, plan: Plan, limit: number): void {
  const { looking } = memoryNeeds(open, plan);
  if (looking <= limit) return;
  const { name, bytes } = largestWeight(open.model);
  throw new LatheError(
    'memory-too-small',
    `Looking at calibration runs "${open.name}" part by part, and the part with "${name}" (${gigabytes(bytes)}) takes about ${gigabytes(looking)}, but this device ends at ${gigabytes(limit)}; a tensor of at most ${gigabytes(limit / HEAP.shards)} would fit, methods that need no calibration take any, and headless "lathe compress --runtime node" has no such limit.`,
    { needed: Math.round(looking), limit },
  );
}

function largestWeight({ graph }: Model): { readonly name: string; readonly bytes: number } {
  return graph.initializers.reduce(
    (most, { name, data: { byteLength } }) =>
      byteLength > most.bytes ? { name, bytes: byteLength } : most,
    { name: '', bytes: 0 },
  );
}

/** Heap of a session that holds so many bytes of weights. */
export function sessionHeap(weights: number): number {
  return weights * (weights <= HEAP.inlineUpTo ? HEAP.inline : HEAP.shards);
}

function weightBytes({ graph }: Model): number {
  return graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** New weights wait in memory for the file, as long as they are few; of a layer that several steps change, the last. */
function kept({ steps }: Plan): number {
  const changed = steps.flatMap(({ lines }) => lines);
  const last = new Map(changed.map(({ layer, bytesAfter }) => [layer.output, bytesAfter]));
  return Math.min(KEPT_IN_MEMORY, sum([...last.values()]));
}

function stepBytes(step: PlannedStep, plan: Plan): number {
  const works = step.work.filter((work) => work.kind === 'encode');
  return Math.max(0, ...works.map((work) => encodeBytes(work, plan)));
}

function encodeBytes(work: EncodeWork, plan: Plan): number {
  const layers = work.layers.map(({ layer }) => layer);
  return Math.max(0, ...layers.map(layerBytes)) + statisticsBytes(work, layers, plan);
}

/** W, and three copies while it is worked on: the transposed, the rounded and the packed one. */
function layerBytes({ outFeatures, inFeatures }: Layer): number {
  return 4 * outFeatures * inFeatures * FLOAT;
}

/** Second moments XᵀX of each distinct input, and the activations they are taken from; of both paths where two run. */
function statisticsBytes({ look }: EncodeWork, layers: readonly Layer[], { recipe }: Plan): number {
  if (look === undefined) return 0;
  const { samples, length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  const widths = [...new Map(layers.map((l) => [l.input, l.inFeatures])).values()];
  const moments = widths.map((width) => width * width * FLOAT);
  const paths = look.take.some(needsFloatPath) ? 2 : 1;
  return look.sequential === true || momentsBytes(layers) > MOMENTS_AT_ONCE
    ? paths *
        (Math.max(0, ...moments) + samples * length * Math.max(0, ...widths) * KEPT_VALUES * FLOAT)
    : sum(moments) + WINDOWS_PER_BATCH * length * sum(widths) * FLOAT;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** For sentences: 4.3 GB. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

import type { Layer } from '../core/anatomy/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { Model } from '../core/onnx/types.ts';
import type { EncodeWork } from '../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../core/recipe/plan-types.ts';
import { DEFAULT_CALIBRATION, WINDOWS_PER_BATCH } from './data/calibration.ts';
import { windowLength } from './data/batches.ts';
import type { OpenModel } from './model/open.ts';

/** What a run takes at its peak, in bytes, estimated from shapes alone. */
export interface MemoryNeeds {
  /** The device's own heap: WebAssembly's never shrinks, so the largest moment counts. */
  readonly device: number;
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
/** Values between two stops of the sequential walk that later parts need: the residual and what is read now. */
const KEPT_VALUES = 3;

/** Peak memory of a run: see {@link MemoryNeeds}. */
export function peakMemory(open: Opened, plan: Plan): number {
  const { device, working } = memoryNeeds(open, plan);
  return device + working;
}

export function memoryNeeds(open: Opened, plan: Plan): MemoryNeeds {
  const original = sessionHeap(weightBytes(open.model));
  const compressed = sessionHeap(weightBytes(plan.model));
  const logits = windowLength(open) * (open.anatomy.vocabularySize ?? 0) * FLOAT;
  // Measuring is the largest moment: the original and the compressed model run side by side.
  const device = original + compressed + 2 * logits;
  const steps = plan.steps.map((step) => stepBytes(step, plan));
  return { device, working: Math.max(2 * logits, ...steps) + changedBytes(plan) };
}

/** Refuses a run that cannot end well, before it starts. Throws `memory-too-small`. */
export function assertMemory(open: Opened, plan: Plan, limit: number): void {
  const { device } = memoryNeeds(open, plan);
  if (device <= limit) return;
  const [before, after] = [weightBytes(open.model), weightBytes(plan.model)];
  const fits = (limit / HEAP.shards) * (before / (before + after));
  throw new LatheError(
    'memory-too-small',
    `Measuring "${open.name}" beside its compressed form takes about ${gigabytes(device)} and this device ends at ${gigabytes(limit)}; with this recipe a model of at most ${gigabytes(fits)} of weights would fit, and headless "lathe compress --runtime node" has no such limit.`,
    { needed: Math.round(device), limit },
  );
}

/** Heap of a session that holds so many bytes of weights. */
export function sessionHeap(weights: number): number {
  return weights * (weights <= HEAP.inlineUpTo ? HEAP.inline : HEAP.shards);
}

function weightBytes({ graph }: Model): number {
  return graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** New weights stay in memory until the file is written; of a layer that several steps change, the last. */
function changedBytes({ steps }: Plan): number {
  const changed = steps.flatMap(({ lines }) => lines);
  const last = new Map(changed.map(({ layer, bytesAfter }) => [layer.output, bytesAfter]));
  return sum([...last.values()]);
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

/** Second moments XᵀX of each distinct input, and the activations they are taken from. */
function statisticsBytes({ look }: EncodeWork, layers: readonly Layer[], { recipe }: Plan): number {
  if (look === undefined) return 0;
  const { samples, length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  const widths = [...new Map(layers.map((l) => [l.input, l.inFeatures])).values()];
  const moments = widths.map((width) => width * width * FLOAT);
  return look.sequential
    ? Math.max(0, ...moments) + samples * length * Math.max(0, ...widths) * KEPT_VALUES * FLOAT
    : sum(moments) + WINDOWS_PER_BATCH * length * sum(widths) * FLOAT;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** For sentences: 4.3 GB. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

import type { Layer } from '../../../anatomy/types.ts';
import {
  didOf,
  fillingsOf,
  placeOf,
  writeEncodings,
  type Masked,
  type Plain,
  type Slot,
} from '../../../encodings/index.ts';
import { prunedOf } from '../../../kernels/select.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import type {
  Ground,
  Method,
  MethodMeta,
  PlannedLine,
  Skipped,
  TrainingSetup,
} from '../../contract.ts';
import { isRefusal } from '../../site.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { differentiable } from '../../tuning/differentiable.ts';
import { healingObjective } from '../../tuning/heal/objective.ts';
import { trainedBytes, withHoles } from '../../tuning/train-holes.ts';
import { smallWeights } from '../../tuning/trainable-weights.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { readWeight } from '../../weight.ts';
import { kernelPattern } from '../pattern.ts';
import { planPruned, pruned } from '../pruned-form.ts';
import { withZeros } from '../pruning-method.ts';
import { rampOf } from './cubic.ts';
import { maskBetween, type MaskSchedule, type ScheduledMatrix } from './mask-schedule.ts';
import type { ScheduledOptions } from './options.ts';

/** What a method that prunes while it trains decides by itself. */
export interface Criterion<O> {
  readonly by: MaskSchedule['by'];
  /** sᵢ: what the first pruning takes at once. */
  readonly initial: (options: O) => number;
}

interface Chosen {
  readonly layer: Layer;
  readonly encoded: Plain | Masked;
  readonly weight: string;
}

/** A method that trains W∘M while M follows a schedule; what is masked at the end is zero in the file. */
export function scheduledPruning<O extends ScheduledOptions>(
  meta: MethodMeta,
  criterion: Criterion<O>,
): Method<O> {
  return {
    meta,
    plan: async ({ model }, targets, options) => {
      const { chosen, skipped } = choose(model, targets, options);
      if (chosen.length === 0) return { model, lines: [], skipped, work: [] };
      const task = taskOf(model, chosen, options, criterion);
      const lines = linesOf(model, task.planned, chosen);
      const { warnings = [] } = withZeros({ model, lines, skipped, work: [] }, options);
      return {
        model: task.planned,
        lines: lines.map(unmeasured),
        skipped,
        ...(warnings.length > 0 && { warnings }),
        work: [
          {
            kind: 'train',
            settings: settingsOf(options),
            setup: (ground, { random }) => setupOf(ground, task, options, random === undefined),
          },
        ],
      };
    },
  };
}

/** What is trained under which schedule, and where it goes. */
interface Task {
  readonly chosen: readonly Chosen[];
  readonly schedule: Omit<MaskSchedule, 'matrices'>;
  /** The chosen weights by name, and everything that is trained. */
  readonly weights: readonly string[];
  readonly trainable: readonly string[];
  /** The graph as it will be, and where in it the sparse weights lie. */
  readonly planned: Model;
  readonly slots: ReadonlyMap<string, Slot>;
}

function taskOf<O extends ScheduledOptions>(
  model: Model,
  chosen: readonly Chosen[],
  options: O,
  criterion: Criterion<O>,
): Task {
  const packed = chosen.filter(({ encoded }) => encoded.kind === 'masked');
  const shared = packed.map((one) => ({ ...one, shareable: true }));
  const written = writeEncodings(model, shared);
  const weights = [...new Set(chosen.map(({ weight }) => weight))];
  const trainable = [...new Set([...weights, ...smallWeights(model)])];
  const planned = withHoles(written.model, trainable);
  const schedule = scheduleOf(options, criterion);
  return { chosen, schedule, weights, trainable, planned, slots: written.slots };
}

async function setupOf(
  ground: Ground,
  { chosen, schedule, weights, trainable, planned, slots }: Task,
  options: ScheduledOptions,
  planning: boolean,
): Promise<TrainingSetup> {
  const student = await differentiable(ground.model, planning);
  const matrices = matricesOf(student, chosen);
  return {
    student,
    trainable,
    teacher: options.from === 'labels' ? undefined : ground.original,
    objective: healingObjective(ground, { ...options, hidden: 0 }).objective,
    keepZeros: true,
    masked: { names: weights, scores: schedule.by === 'movement' },
    between: (layout) => maskBetween({ ...schedule, matrices }, layout),
    finish: async (trained) => {
      const dense = await trainedBytes(trained, holesAmong(planned, trainable));
      return new Map([...dense, ...(await sparseBytes(trained, chosen, slots))]);
    },
  };
}

function choose(model: Model, targets: readonly Layer[], options: ScheduledOptions) {
  const pattern = kernelPattern(options);
  const chosen: Chosen[] = [];
  const skipped: Skipped[] = [];
  for (const layer of targets) {
    const total = layer.outFeatures * layer.inFeatures;
    const keep =
      typeof pattern === 'number'
        ? total - prunedOf(total, pattern)
        : (total * pattern.n) / pattern.m;
    const encoded = planPruned(layer, { pattern, store: options.store, keep }, model);
    const weight = placeOf(model, layer)?.weight.name;
    if (isRefusal(encoded)) skipped.push({ name: layer.name, reason: encoded.refused });
    else if (weight !== undefined) chosen.push({ layer, encoded, weight });
  }
  return { chosen, skipped };
}

function linesOf(before: Model, after: Model, chosen: readonly Chosen[]): readonly PlannedLine[] {
  const layers = chosen.map(({ layer }) => layer);
  const [old, now] = [storedBytes(before, layers), storedBytes(after, layers)];
  return chosen.map(({ layer, encoded }) => ({
    layer,
    encoded,
    ...(encoded.kind === 'masked' && { did: didOf(encoded) }),
    bytesBefore: old.get(layer.output) ?? 0,
    bytesAfter: now.get(layer.output) ?? 0,
  }));
}

/** Weights that were trained have no error of their own: the answers are measured. */
function unmeasured({ encoded: _, ...line }: PlannedLine): PlannedLine {
  return line;
}

function scheduleOf<O extends ScheduledOptions>(
  options: O,
  { by, initial }: Criterion<O>,
): Omit<MaskSchedule, 'matrices'> {
  const pattern = kernelPattern(options);
  const final = typeof pattern === 'number' ? pattern : 1 - pattern.n / pattern.m;
  const ramp = rampOf(options, Math.min(initial(options), final), final);
  return { ramp, pattern, by, scope: typeof pattern === 'number' ? options.scope : 'tensor' };
}

/** Each weight once, as it lies in the student. */
function matricesOf(student: Model, chosen: readonly Chosen[]): readonly ScheduledMatrix[] {
  const matrices = new Map<string, ScheduledMatrix>();
  for (const { layer, weight } of chosen) {
    if (matrices.has(weight)) continue;
    const turned = placeOf(student, layer)?.stored === 'in-out';
    const { outFeatures: rows, inFeatures: columns } = layer;
    matrices.set(weight, { name: weight, rows, columns, turned });
  }
  return [...matrices.values()];
}

/** What of the trained tensors the file still has as such. */
function holesAmong({ graph }: Model, names: readonly string[]): readonly string[] {
  const there = new Set(graph.initializers.map(({ name }) => name));
  return names.filter((name) => there.has(name));
}

async function sparseBytes(
  trained: Model,
  chosen: readonly Chosen[],
  slots: ReadonlyMap<string, Slot>,
): Promise<Fillings> {
  const fillings = new Map<string, Uint8Array>();
  for (const { layer, encoded } of chosen) {
    const slot = slots.get(layer.output);
    if (slot === undefined || encoded.kind !== 'masked' || slot.names.length === 0) continue;
    const { values } = await readWeight(trained, layer);
    const filled = pruned(encoded, values, keptOf(values, encoded.keep));
    for (const [name, bytes] of fillingsOf(slot, filled)) fillings.set(name, bytes);
  }
  return fillings;
}

/** What is not zero, and as many of the zeros as are stored beside: a kept weight may have become zero. */
function keptOf(values: Float32Array, count: number): Uint8Array {
  const keep = Uint8Array.from(values, (value) => Number(value !== 0));
  let missing = count - keep.reduce((sum, bit) => sum + bit, 0);
  for (let i = 0; i < keep.length && missing > 0; i++) {
    if (keep[i] === 1) continue;
    keep[i] = 1;
    missing--;
  }
  return keep;
}

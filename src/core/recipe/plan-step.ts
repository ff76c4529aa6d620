import type { Anatomy, Layer } from '../anatomy/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type {
  GraphMethod,
  LayerMethod,
  Method,
  Refusal,
  TrainingMethod,
} from '../methods/contract.ts';
import type { EncodedLayer, EncodedWeight } from '../methods/encoding.ts';
import { exportLayers } from '../methods/export/apply.ts';
import { nearestName } from '../methods/nearest.ts';
import { methodById } from '../methods/registry.ts';
import { isRefusal } from '../methods/site.ts';
import { seededRandom } from '../random/seeded.ts';
import { sizeOf } from '../onnx/size.ts';
import type { Model } from '../onnx/types.ts';
import type { PlannedStep, Skipped } from './plan-types.ts';
import { followLayers, storedBytes, type Change, type PlanState } from './plan-state.ts';
import { parseOptions } from './schema.ts';
import { patternSource, selectLayers } from './targets.ts';
import type { Step, Target, TargetBase } from './types.ts';

/** Plans one step on top of `state` and moves the state on. Mistakes become `state.problems`. */
export async function planStep(
  state: PlanState,
  step: Step,
  index: number,
  seed: number,
): Promise<PlannedStep> {
  const path = `steps[${index}]`;
  const method = methodById(step.method);
  const ground = state.ground && { ground: state.ground };
  const planned = { index, step, method, layers: [], targets: [], skipped: [], ...ground };
  try {
    const options = parseOptions(method, step.options, ['steps', index, 'options']);
    const targets = selectLayers(state.anatomy, step.target);
    checkNames(state, step.target, path);
    if (method.kind === 'layer') return planLayers(state, { ...planned, method }, targets, options);
    return method.kind === 'graph'
      ? await planGraph(state, { ...planned, method }, targets, options, seed)
      : await planTraining(state, { ...planned, method, targets }, options, seed);
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    const where = error.details['path'];
    state.problems.push({ path: String(where ?? path), message: error.message });
    return planned;
  }
}

/** Names that no layer has are mistakes; regular expressions may match nothing. */
function checkNames({ anatomy, problems }: PlanState, target: Target, path: string): void {
  const names = anatomy.layers.map(({ name }) => name);
  const known = new Set(names);
  for (const name of plainNames(target)) {
    if (known.has(name)) continue;
    const nearest = nearestName(name, names);
    const hint = nearest === undefined ? 'it has no layers' : `did you mean "${nearest}"?`;
    problems.push({
      path: `${path}.target`,
      message: `${path}.target: the model has no layer "${name}"; ${hint}`,
    });
  }
}

function plainNames(target: Target | TargetBase): readonly string[] {
  if (typeof target === 'string') return [];
  const inside = 'except' in target ? (target.except ?? []) : [];
  const own = (target.tensors ?? []).filter((text) => patternSource(text) === undefined);
  return [...own, ...inside.flatMap(plainNames)];
}

type Draft<M extends Method> = Omit<PlannedStep, 'method'> & { readonly method: M };

function planLayers(
  state: PlanState,
  draft: Draft<LayerMethod>,
  targets: readonly Layer[],
  options: unknown,
): PlannedStep {
  const skipped: Skipped[] = [];
  const chosen: EncodedLayer[] = [];
  for (const layer of targets) {
    const result = planLayer(state, draft, layer, options);
    if (isRefusal(result)) skipped.push({ name: layer.name, reason: result.refused });
    else chosen.push({ layer, encoded: result });
  }
  const before = storedBytes(
    state.model,
    chosen.map(({ layer }) => layer),
  );
  const { model, bytes } = exportLayers(state.model, chosen);
  const layers = chosen.map(({ layer, encoded }) => ({
    layer,
    encoded,
    bytesBefore: before.get(layer.output) ?? 0,
    bytesAfter: bytes.get(layer.output) ?? 0,
  }));
  for (const { layer, encoded, bytesAfter } of layers) {
    const { title } = draft.method.meta;
    state.changes.set(layer.output, { step: draft.index, title, encoded });
    state.bytes.set(layer.output, bytesAfter);
  }
  moveOn(state, model, skipped, layers.length > 0);
  return { ...draft, layers, skipped };
}

function planLayer(
  state: PlanState,
  { method, index }: Draft<LayerMethod>,
  layer: Layer,
  options: unknown,
): EncodedWeight | Refusal {
  const { meta } = method;
  if (!meta.accepts.includes(layer.op)) {
    const accepted = new Intl.ListFormat('en').format(meta.accepts);
    return {
      refused: `${meta.title} works on ${accepted}, and "${layer.name}" is a ${layer.op}, so it was left as it is.`,
    };
  }
  const change = state.changes.get(layer.output);
  const conflict = change && conflictWith(change, layer, method, index);
  return conflict ?? method.plan(layer, options, state.model);
}

function conflictWith(
  { step, title, encoded }: Change,
  layer: Layer,
  { meta }: LayerMethod,
  index: number,
): Refusal | undefined {
  if (encoded.kind === 'dense') return undefined;
  const before = `"${layer.name}" was already ${FORM[encoded.kind]} by step ${step + 1} (${title})`;
  return meta.family === 'pruning'
    ? {
        refused: `${before}, and its values can no longer be set to zero one by one; move step ${index + 1} (${meta.title}) before it.`,
      }
    : { refused: `${before}, so step ${index + 1} (${meta.title}) left it as it is.` };
}

const FORM = { uniform: 'quantized', float16: 'stored as float16' } as const;

function moveOn(
  state: PlanState,
  model: PlanState['model'],
  skipped: readonly Skipped[],
  changed: boolean,
): void {
  state.model = model;
  state.anatomy = followLayers(model, state.anatomy);
  state.skipped.push(...skipped);
  state.changed ||= changed;
}

async function planGraph(
  state: PlanState,
  draft: Draft<GraphMethod>,
  targets: readonly Layer[],
  options: unknown,
  seed: number,
): Promise<PlannedStep> {
  const { method, index } = draft;
  if (state.changes.size > 0 || state.trained) throw tooLate(method, index);
  const random = seededRandom(seed, `step ${index}`);
  const context = { random, planning: true };
  const outcome = await method.rewrite(state.model, state.anatomy, targets, options, context);
  state.removedBytes += sizeOf(state.model).tensorBytes - sizeOf(outcome.model).tensorBytes;
  countParameters(state, outcome.model);
  moveOn(state, outcome.model, outcome.skipped, outcome.touched.length > 0);
  return { ...draft, targets, skipped: outcome.skipped };
}

async function planTraining(
  state: PlanState,
  draft: Draft<TrainingMethod>,
  options: unknown,
  seed: number,
): Promise<PlannedStep> {
  const { method, index, targets } = draft;
  const random = seededRandom(seed, `step ${index}`);
  const context = { random, planning: true, original: state.original };
  const setup = await method.prepare(state.model, state.anatomy, targets, options, context);
  countParameters(state, setup.planned);
  state.trained ||= setup.trainable.length > 0;
  if (setup.anatomy !== undefined) replaceModel(state, setup.planned, setup.anatomy);
  markTrained(state, draft, new Set(setup.touched));
  moveOn(state, setup.planned, setup.skipped, setup.trainable.length > 0);
  return { ...draft, skipped: setup.skipped };
}

/** Another model goes on: what was done to the layers of the one before is lost with them. */
function replaceModel(state: PlanState, model: Model, anatomy: Anatomy): void {
  state.ground = { model, anatomy };
  state.anatomy = anatomy;
  state.changes.clear();
  state.bytes.clear();
}

/** Trained weights stay plain numbers of the same size; they count as touched. */
function markTrained(
  state: PlanState,
  { method, index, targets }: Draft<TrainingMethod>,
  touched: ReadonlySet<string>,
): void {
  const { title } = method.meta;
  for (const { name, output } of targets) {
    if (touched.has(name))
      state.changes.set(output, { step: index, title, encoded: { kind: 'dense' } });
  }
}

function countParameters(state: PlanState, next: Model): void {
  state.removedParameters += sizeOf(state.model).parameters - sizeOf(next).parameters;
}

/** Planned weights have no bytes to look at, so a graph method must see the original ones. */
function tooLate({ meta }: GraphMethod, index: number): LatheError {
  return new LatheError(
    'step-order',
    `steps[${index}]: ${meta.title} looks at the weights as they are in the original, so it has to come before the steps that change them; move it to the top.`,
    { path: `steps[${index}]` },
  );
}

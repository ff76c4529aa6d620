import type { Layer } from '../anatomy/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { Ground, Method, StepPlan } from '../methods/contract.ts';
import { placeOf, storedWeightOf } from '../encodings/index.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { methodById } from '../methods/registry.ts';
import { weightsOf } from '../onnx/size.ts';
import type { Model } from '../onnx/types.ts';
import { PlannedRead } from '../onnx/tensor-data.ts';
import { rememberedPlan } from './plan-memo.ts';
import type { PlannedStep } from './plan-types.ts';
import { followLayers, type PlanState } from './plan-state.ts';
import { parseOptions } from './schema.ts';
import { patternSource, selectLayers } from './targets.ts';
import type { Step, Target, TargetBase } from './types.ts';

/** Plans one step on top of `state` and moves the state on. Mistakes become `state.problems`. */
export async function planStep(state: PlanState, step: Step, index: number): Promise<PlannedStep> {
  const path = `steps[${index}]`;
  const method = methodById(step.method);
  const { model, anatomy, original } = state;
  const ground: Ground = { model, anatomy, original };
  const nothing = { model, lines: [], skipped: [], work: [] };
  const draft = { index, step, method, ground };
  try {
    const options = parseOptions(method, step.options, ['steps', index, 'options']);
    const targets = selectLayers(anatomy, step.target);
    for (const { output } of targets) state.pointedAt.add(output);
    checkNames(state, step.target, path);
    const change = (layer: Layer) => state.changes.get(layer.output);
    const key = JSON.stringify([index, step.method, step.target, options]);
    const plan = await rememberedPlan(anatomy, key, () =>
      method.plan(ground, targets, options, { index, change }),
    );
    moveOn(state, method, index, plan);
    return { ...draft, ...plan, options, targets };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    state.problems.push(problemOf(error, state, method, index));
    return { ...draft, ...nothing, options: {}, targets: [] };
  }
}

function problemOf(error: LatheError, state: PlanState, method: Method, index: number) {
  const path = `steps[${index}]`;
  if (error instanceof PlannedRead) {
    const before = state.holes.get(error.hole)?.step;
    const message = tooEarly(error, state, method, index);
    return { path, message, ...(before !== undefined && { before }) };
  }
  return { path: String(error.details['path'] ?? path), message: error.message };
}

/** A plan needed numbers that exist only after an earlier step has run. */
function tooEarly(
  { hole }: PlannedRead,
  state: PlanState,
  { meta }: Method,
  index: number,
): string {
  const tensor = state.model.graph.initializers.find(({ data }) => data === hole);
  const earlier = state.holes.get(hole);
  const what = tensor === undefined ? 'a tensor' : `"${tensor.name}"`;
  const who =
    earlier === undefined ? 'an earlier step' : `step ${earlier.step + 1} (${earlier.title})`;
  return `steps[${index}]: ${meta.title} looks at the values of ${what}, which ${who} decides only when it runs; move it before that step.`;
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

/** The state after a step. */
function moveOn(state: PlanState, { meta }: Method, step: number, plan: StepPlan): void {
  const { model, anatomy, lines, skipped, work } = plan;
  const { title } = meta;
  count(state, plan);
  if (anatomy !== undefined) forgetLost(state, model);
  for (const { layer, did, bytesAfter } of lines) {
    state.changes.set(layer.output, { step, title, ...(did !== undefined && { did }) });
    state.bytes.set(layer.output, bytesAfter);
  }
  for (const { data } of model.graph.initializers) {
    if (data.planned && !state.holes.has(data)) state.holes.set(data, { step, title });
  }
  state.changed ||= work.length > 0 || model !== state.model;
  state.model = model;
  state.anatomy = followLayers(model, anatomy ?? state.anatomy);
  state.skipped.push(...skipped);
}

/**
 * What is gone. Encoding a weight packs its parameters and removes none; a step that leaves nothing open
 * made the file smaller by what it took out, and that counts as compressed.
 */
function count(state: PlanState, { model, work }: StepPlan): void {
  if (work.some(({ kind }) => kind === 'encode')) return;
  const [before, after] = [weightsOf(state.model), weightsOf(model)];
  state.removedParameters += before.parameters - after.parameters;
  if (work.length === 0) state.removedBytes += before.tensorBytes - after.tensorBytes;
}

/** Of layers whose weights the new model does not hold, nothing is left of what was done to them. */
function forgetLost(state: PlanState, model: Model): void {
  const held = new Set(model.graph.initializers.map(({ data }) => data));
  for (const layer of state.anatomy.layers) {
    const plain = placeOf(state.model, layer)?.weight;
    const tensors = plain ? [plain] : (storedWeightOf(state.model, layer)?.tensors ?? []);
    if (tensors.length > 0 && tensors.every(({ data }) => held.has(data))) continue;
    state.changes.delete(layer.output);
    state.bytes.delete(layer.output);
  }
}

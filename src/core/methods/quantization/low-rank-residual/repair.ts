import type { Layer } from '../../../anatomy/types.ts';
import {
  addBeside,
  decodeWeight,
  placeOf,
  requireKind,
  storedWeightOf,
  type BesideLayer,
  type Product,
} from '../../../encodings/index.ts';
import { inferShapes } from '../../../onnx/shape/infer.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type {
  EncodedPlace,
  EncodeLayer,
  EncodeWork,
  Ground,
  PlanContext,
  PlannedLine,
  Refusal,
  Skipped,
  StepPlan,
} from '../../contract.ts';
import { requireFinite } from '../../low-rank/require-finite.ts';
import { isRefusal } from '../../site.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { readWeight } from '../../weight.ts';
import { correctionOf, planCorrection } from './correction.ts';
import { TAKES } from './error-basis.ts';
import type { LowRankResidualOptions } from './meta.ts';

/** True for a layer whose weight an earlier step stored in a form of its own; without a quantizer, for any that one changed. */
export function isEncoded(
  layer: Layer,
  { quantizer }: LowRankResidualOptions,
  context: PlanContext,
): boolean {
  const change = context.change(layer);
  return change !== undefined && (change.did !== undefined || quantizer === 'none');
}

/**
 * `plan` with a correction beside each of these layers, whose stored weights stay: B·A is made for W − Ŵ, W being the weight
 * of the model as it was opened.
 */
export function planRepairs(
  ground: Ground,
  plan: StepPlan,
  layers: readonly Layer[],
  options: LowRankResidualOptions,
): StepPlan {
  const skipped: Skipped[] = [...plan.skipped];
  const chosen: (BesideLayer & { readonly layer: Layer; readonly encoded: Product })[] = [];
  const shapes = inferShapes(ground.model);
  const changed = changedVector(ground.original, ground.model);
  const forms = layers.map((layer) => {
    const half = shapes.dataTypeOf(layer.input) === DataType.float16;
    return {
      layer,
      form: problemOf(ground, layer, changed) ?? planCorrection(layer, options, half),
    };
  });
  for (const { layer, form } of forms) {
    if (isRefusal(form)) skipped.push({ name: layer.name, reason: form.refused });
    else chosen.push({ layer, encoded: form });
  }
  if (chosen.length === 0) return { ...plan, skipped };
  const written = addBeside(plan.model, chosen);
  const stored = storedBytes(ground.model, layers);
  const lines = chosen.map(({ layer, encoded }): PlannedLine => {
    const before = stored.get(layer.output) ?? 0;
    const own = written.bytes.get(layer.output) ?? 0;
    return { layer, encoded, did: 'corrected', bytesBefore: before, bytesAfter: before + own };
  });
  const places = chosen.map(({ layer, encoded }): EncodedPlace => {
    return { layer, encoded, slot: written.slots.get(layer.output) ?? { names: [] } };
  });
  return {
    ...plan,
    ...{ model: written.model, lines: [...plan.lines, ...lines], skipped },
    work: [...plan.work, repairWork(ground.original, places, options)],
  };
}

function repairWork(
  original: Model,
  layers: readonly EncodedPlace[],
  { basis }: LowRankResidualOptions,
): EncodeWork {
  const take = TAKES[basis];
  const repair: EncodeLayer = async (weight, planned, seen) => {
    const { outFeatures, inFeatures } = weight.layer;
    const before = await readWeight(original, weight.layer);
    requireFinite(before);
    const wanted = before.values;
    const error = wanted.map((value, i) => value - weight.values[i]);
    const encoded = correctionOf(error, requireKind(planned, 'product'), weight, seen, basis);
    const correction = decodeWeight(encoded, outFeatures, inFeatures);
    const made = weight.values.map((value, i) => value + correction[i]);
    return { encoded, together: { wanted, made } };
  };
  return {
    ...{ kind: 'encode', layers, prepare: () => Promise.resolve(repair) },
    ...(take && { look: { take: [take], sequential: false } }),
  };
}

/** Why what a layer lost cannot be known, or not be stored beside it. */
function problemOf(
  { model, original }: Ground,
  layer: Layer,
  changed: string | undefined,
): Refusal | undefined {
  const { name, op } = layer;
  const refused = (why: string): Refusal => ({
    refused: `"${name}" ${why}, so it was left as it is.`,
  });
  if (op !== 'MatMul' && op !== 'Gemm') {
    return refused(`is a ${op}, beside which no correction can stand once it is stored`);
  }
  const before = placeOf(original, layer);
  if (before === undefined || !sameSize(before.weight.dims, layer)) {
    return refused('has no weight of this size in the model as it was opened');
  }
  if (changed !== undefined) {
    return refused(
      `no longer stands for the weight that was opened: an earlier step also changed "${changed}" around it`,
    );
  }
  if (placeOf(model, layer) === undefined && storedWeightOf(model, layer) === undefined) {
    return refused('is stored in a form that cannot be read back');
  }
  return undefined;
}

function sameSize(dims: readonly number[], { outFeatures, inFeatures }: Layer): boolean {
  return dims.length === 2 && dims[0] * dims[1] === outFeatures * inFeatures;
}

/**
 * A norm's gain or another vector of the original that is there no more or got other values. WHY it matters: scales that are folded
 * into norms, rotations and training give a layer another weight than W to stand for, and W − Ŵ is then no error.
 */
function changedVector(original: Model, { graph }: Model): string | undefined {
  const left = new Set(graph.initializers.map(({ data }) => data));
  const vectors = original.graph.initializers.filter(({ dims }) => dims.length === 1);
  return vectors.find(({ data, dims }) => dims[0] > 1 && !left.has(data))?.name;
}

import { decodeWeight, type Encoded } from '../../core/encodings/index.ts';
import { unscaledWeight, type WeightFactors } from '../../core/folds/index.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { pathErrors } from '../../core/metrics/path-error.ts';
import { outputErrors, weightError } from '../../core/metrics/weight-error.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import type { LayerOutcome, LayerWeight, Method } from '../../core/methods/contract.ts';
import { methodById } from '../../core/methods/registry.ts';
import { formOf } from '../../core/methods/requantize.ts';
import { isRefusal } from '../../core/methods/site.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import { sharedOptions } from '../../core/recipe/shared-options.ts';
import { inputOf } from '../../core/statistics/look.ts';
import { FLOAT_PATH_MOMENTS } from '../../core/statistics/cross-moments-with/float-path.ts';
import { outputErrorsOn } from '../../runtime/device-products.ts';
import type { Runtime } from '../../runtime/types.ts';
import type { Seen } from '../../core/statistics/seen.ts';
import type { RunDevices } from '../run-devices.ts';
import type { RunningStep } from './types.ts';

export interface LayerError {
  readonly value: number;
  readonly kind: 'output' | 'weight';
}

/** Multiplications from which on a product is worth its way to a graphics device and back. */
const LARGE = 2 ** 27;

/**
 * Errors of expressions against one weight: on the layer's output where XᵀX is known, else on the weight. Of an expression
 * that stands for the scaled weight, `factors` are taken off first. On
 * `graphics`, where that is given, large products are made there.
 */
export function errorsAgainst(
  weight: LayerWeight,
  seen: Seen,
  graphics?: Runtime,
): (encoded: Encoded, factors?: WeightFactors) => Promise<LayerError> {
  const { outFeatures, inFeatures } = weight.layer;
  const errorOf = decodedErrors(weight, seen, graphics);
  return (encoded, factors) => {
    const stored = decodeWeight(encoded, outFeatures, inFeatures);
    return errorOf(factors ? unscaledWeight(stored, inFeatures, factors) : stored);
  };
}

/** The same of values that are decoded already. */
function decodedErrors(
  weight: LayerWeight,
  seen: Seen,
  graphics: Runtime | undefined,
): (decoded: Float32Array) => Promise<LayerError> {
  const onOutput = outputErrorsOf(weight, seen, graphics);
  return async (decoded) =>
    onOutput === undefined
      ? { value: weightError(weight.values, decoded), kind: 'weight' }
      : { value: await onOutput(decoded), kind: 'output' };
}

/**
 * On the layer's output: against the float path's where that was seen as well, so that what makes up for layers before
 * counts as such; else W's own on the same rows. Undefined where no moments were taken, or none that are finite: squares
 * of what is finite may be too large.
 */
function outputErrorsOf(
  { layer, values }: LayerWeight,
  seen: Seen,
  graphics: Runtime | undefined,
): ((decoded: Float32Array) => number | Promise<number>) | undefined {
  const { outFeatures, inFeatures } = layer;
  const moments = seen.at(inputOf(layer), 'moments');
  if (moments?.values.every(Number.isFinite) !== true) return undefined;
  const paths = seen.at(inputOf(layer), FLOAT_PATH_MOMENTS);
  if (paths?.others.every(Number.isFinite) === true) {
    const { others: float, values: cross } = paths;
    return pathErrors(values, { float, cross, compressed: moments.values }, inFeatures);
  }
  const large = outFeatures * inFeatures ** 2 >= LARGE;
  return graphics && large
    ? outputErrorsOn(graphics, values, moments.values, inFeatures)
    : outputErrors(values, moments.values, inFeatures);
}

/**
 * Error of a compressed layer and its baseline's, on the same weight and data; `weight.factors` say what it was scaled by
 * before it was encoded.
 */
export async function errorsOf(
  { planned, ground, context: { devices } }: RunningStep,
  weight: LayerWeight,
  encoded: Encoded,
  seen: Seen,
): Promise<Pick<MeasuredLayer, 'relativeError' | 'errorKind' | 'baselineRelativeError'>> {
  const errorOf = errorsAgainst(weight, seen, await graphicsOf(devices));
  const error = await errorOf(encoded, weight.factors);
  const { method, options } = planned;
  const { layer, values } = weight;
  const rounded = await baselineOf(method, { layer, values }, options, seen, ground.model);
  const baseline = rounded && (await errorOf(rounded)).value;
  return {
    relativeError: error.value,
    errorKind: error.kind,
    ...(baseline !== undefined && { baselineRelativeError: baseline }),
  };
}

/** Error of a layer whose stored weight stays and gets something beside it, against the weight that both are to be. */
export async function errorTogether(
  { context: { devices } }: RunningStep,
  layer: Layer,
  { wanted, made }: NonNullable<LayerOutcome['together']>,
  seen: Seen,
): Promise<Pick<MeasuredLayer, 'relativeError' | 'errorKind'>> {
  const errorOf = decodedErrors({ layer, values: wanted }, seen, await graphicsOf(devices));
  const { value, kind } = await errorOf(made);
  return { relativeError: value, errorKind: kind };
}

async function graphicsOf(devices: RunDevices | undefined): Promise<Runtime | undefined> {
  return devices?.device === 'webgpu' ? devices.runtime() : undefined;
}

/** What the method's baseline makes of the same layer, or undefined where it has none or refuses. */
async function baselineOf(
  method: Method,
  weight: LayerWeight,
  options: Readonly<Record<string, unknown>>,
  seen: Seen,
  model: Model,
): Promise<Encoded | undefined> {
  if (method.meta.baseline === undefined) return undefined;
  const baseline = methodById(method.meta.baseline);
  const { encoder } = baseline;
  if (encoder === undefined) return undefined;
  const own = method.layerOptions?.(weight.layer, options);
  const parsed = { ...sharedOptions(baseline, options, method), ...own };
  const form = formOf({ meta: baseline.meta, encoder }, weight.layer, parsed, model);
  if (isRefusal(form)) return undefined;
  const context = { random: seededRandom(0, 'baseline') };
  const { encoded } = await encoder.encode(weight, form, seen, parsed, context);
  return encoded;
}

import { decodeWeight, type Encoded } from '../../core/encodings/index.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { outputErrors, weightError } from '../../core/metrics/weight-error.ts';
import type { LayerWeight, Method } from '../../core/methods/contract.ts';
import { methodById } from '../../core/methods/registry.ts';
import { formOf } from '../../core/methods/requantize.ts';
import { isRefusal } from '../../core/methods/site.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import { sharedOptions } from '../../core/recipe/shared-options.ts';
import { inputOf } from '../../core/statistics/look.ts';
import { nothingSeen, type Seen } from '../../core/statistics/seen.ts';
import type { RunningStep } from './types.ts';

export interface LayerError {
  readonly value: number;
  readonly kind: 'output' | 'weight';
}

/** Errors of expressions against one weight: on the layer's output where XᵀX is known, else on the weight. */
export function errorsAgainst(weight: LayerWeight, seen: Seen): (encoded: Encoded) => LayerError {
  const { outFeatures, inFeatures } = weight.layer;
  const moments = seen.at(inputOf(weight.layer), 'moments');
  const onOutput = moments && outputErrors(weight.values, moments.values, inFeatures);
  return (encoded) => {
    const decoded = decodeWeight(encoded, outFeatures, inFeatures);
    return onOutput === undefined
      ? { value: weightError(weight.values, decoded), kind: 'weight' }
      : { value: onOutput(decoded), kind: 'output' };
  };
}

/** Error of a compressed layer and its baseline's, on the same weight and data. */
export async function errorsOf(
  { planned, ground }: RunningStep,
  weight: LayerWeight,
  encoded: Encoded,
  seen: Seen,
): Promise<Pick<MeasuredLayer, 'relativeError' | 'errorKind' | 'baselineRelativeError'>> {
  const errorOf = errorsAgainst(weight, seen);
  const error = errorOf(encoded);
  const { method, options } = planned;
  const rounded = await baselineOf(method, weight, options, ground.model);
  const baseline = rounded && errorOf(rounded).value;
  return {
    relativeError: error.value,
    errorKind: error.kind,
    ...(baseline !== undefined && { baselineRelativeError: baseline }),
  };
}

/** What the method's baseline makes of the same layer, or undefined where it has none or refuses. */
async function baselineOf(
  method: Method,
  weight: LayerWeight,
  options: Readonly<Record<string, unknown>>,
  model: Model,
): Promise<Encoded | undefined> {
  if (method.meta.baseline === undefined) return undefined;
  const baseline = methodById(method.meta.baseline);
  const { encoder } = baseline;
  if (encoder === undefined) return undefined;
  const parsed = sharedOptions(baseline, options);
  const form = formOf({ meta: baseline.meta, encoder }, weight.layer, parsed, model);
  if (isRefusal(form)) return undefined;
  const context = { random: seededRandom(0, 'baseline') };
  const { encoded } = await encoder.encode(weight, form, nothingSeen, parsed, context);
  return encoded;
}

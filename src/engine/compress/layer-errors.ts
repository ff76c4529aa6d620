import { decodeWeight, type Encoded } from '../../core/encodings/index.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { outputEnergy, outputError, weightError } from '../../core/metrics/weight-error.ts';
import type { LayerWeight, Method } from '../../core/methods/contract.ts';
import { methodById } from '../../core/methods/registry.ts';
import { isRefusal } from '../../core/methods/site.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import { sharedOptions } from '../../core/recipe/shared-options.ts';
import { inputOf } from '../../core/statistics/look.ts';
import { nothingSeen, type Seen } from '../../core/statistics/seen.ts';
import type { RunningStep } from './types.ts';

interface LayerError {
  readonly value: number;
  readonly kind: 'output' | 'weight';
}

/** Measures encodings of one weight. */
type Measure = (encoded: Encoded) => LayerError;

/**
 * On the layer's output where XᵀX is known, else on the weight itself. What does not depend on the encoding is
 * computed once: the method and its baseline are measured on the same weight.
 */
function measureOf({ layer, values }: LayerWeight, seen: Seen): Measure {
  const { outFeatures, inFeatures } = layer;
  const decoded = (encoded: Encoded) => decodeWeight(encoded, outFeatures, inFeatures);
  const moments = seen.at(inputOf(layer), 'moments')?.values;
  if (moments === undefined) {
    return (encoded) => ({ value: weightError(values, decoded(encoded)), kind: 'weight' });
  }
  const whole = outputEnergy(values, moments, inFeatures);
  return (encoded) => {
    return {
      value: outputError(values, decoded(encoded), moments, inFeatures, whole),
      kind: 'output',
    };
  };
}

/** Error of a compressed layer and its baseline's, on the same weight and data. */
export async function errorsOf(
  { planned, ground }: RunningStep,
  weight: LayerWeight,
  encoded: Encoded,
  seen: Seen,
): Promise<Pick<MeasuredLayer, 'relativeError' | 'errorKind' | 'baselineRelativeError'>> {
  const measure = measureOf(weight, seen);
  const error = measure(encoded);
  const { method, options } = planned;
  const baseline = await baselineEncoding(method, weight, options, ground.model);
  return {
    relativeError: error.value,
    errorKind: error.kind,
    ...(baseline && { baselineRelativeError: measure(baseline).value }),
  };
}

/** What the method's baseline makes of the same layer, or undefined where it has none or refuses. */
async function baselineEncoding(
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
  const form = encoder.form(weight.layer, parsed, model);
  if (isRefusal(form)) return undefined;
  const context = { random: seededRandom(0, 'baseline') };
  const { encoded } = await encoder.encode(weight, form, nothingSeen, parsed, context);
  return encoded;
}

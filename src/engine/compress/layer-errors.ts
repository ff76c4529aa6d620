import { seededRandom } from '../../core/random/seeded.ts';
import { decodeWeight } from '../../core/methods/decode.ts';
import { outputError, weightError } from '../../core/methods/errors.ts';
import type { LayerMethod, LayerWeight } from '../../core/methods/contract.ts';
import type { EncodedWeight } from '../../core/methods/encoding.ts';
import { methodById } from '../../core/methods/registry.ts';
import type { Model } from '../../core/onnx/types.ts';
import { sharedOptions } from '../../core/recipe/shared-options.ts';
import type { LayerStatistics } from '../../core/statistics/types.ts';

export interface LayerError {
  readonly value: number;
  readonly kind: 'output' | 'weight';
}

/** Error of `encoded` against the weight: on the layer's output where XᵀX is known, else on the weight. */
export function errorOf(
  weight: LayerWeight,
  encoded: EncodedWeight,
  statistics: LayerStatistics | undefined,
): LayerError {
  const { outFeatures, inFeatures } = weight.layer;
  const decoded = decodeWeight(encoded, outFeatures, inFeatures);
  const moments = statistics?.secondMoments;
  return moments === undefined
    ? { value: weightError(weight.values, decoded), kind: 'weight' }
    : { value: outputError(weight.values, decoded, moments, inFeatures), kind: 'output' };
}

/** The error the method's baseline makes on the same layer, or undefined where it has none or refuses. */
export async function baselineError(
  method: LayerMethod,
  weight: LayerWeight,
  statistics: LayerStatistics | undefined,
  options: Readonly<Record<string, unknown>>,
  model: Model,
): Promise<number | undefined> {
  if (method.meta.baseline === undefined) return undefined;
  const baseline = methodById(method.meta.baseline);
  if (baseline.kind !== 'layer') return undefined;
  const layerMethod = baseline;
  const parsed = sharedOptions(layerMethod, options);
  if ('refused' in layerMethod.plan(weight.layer, parsed, model)) return undefined;
  const { encoded } = await layerMethod.compress(weight, undefined, parsed, {
    random: seededRandom(0, 'baseline'),
  });
  return errorOf(weight, encoded, statistics).value;
}

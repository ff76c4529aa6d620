import type { LayerMethod, LayerWeight, MethodContext } from '../../core/methods/contract.ts';
import type { EncodedWeight } from '../../core/methods/encoding.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import type { LayerStatistics } from '../../core/statistics/types.ts';
import { baselineError, errorOf } from './layer-errors.ts';

export interface LayerWork {
  readonly method: LayerMethod;
  /** What the recipe says. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The same after `prepare`. */
  readonly prepared: unknown;
  readonly weight: LayerWeight;
  readonly statistics: LayerStatistics | undefined;
  readonly model: Model;
  readonly context: MethodContext;
}

/** Compresses one layer, and measures its error and its baseline's on the same weight and data. */
export async function compressLayer(
  work: LayerWork,
): Promise<{ encoded: EncodedWeight; result: Omit<MeasuredLayer, 'step'> }> {
  const { method, options, prepared, weight, statistics, model, context } = work;
  const { encoded, warnings } = await method.compress(weight, statistics, prepared, context);
  const error = errorOf(weight, encoded, statistics);
  const baseline = await baselineError(method, weight, statistics, options, model);
  const result = {
    name: weight.layer.name,
    relativeError: error.value,
    errorKind: error.kind,
    ...(baseline !== undefined && { baselineRelativeError: baseline }),
    ...(warnings && { warnings }),
  };
  return { encoded, result };
}

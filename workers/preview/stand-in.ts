import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { LayerMethod } from '../../src/core/methods/contract.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { sharedOptions } from '../../src/core/recipe/shared-options.ts';

/** A method that can be shown at once, with its checked options. */
export interface StandIn {
  readonly method: LayerMethod;
  readonly options: unknown;
  /** Why it is not the method that was asked for. */
  readonly note?: string;
}

/**
 * What can be shown at once: a method that needs calibration is stood in for by its baseline.
 * Throws `preview-graph` for methods that change the graph.
 */
export function standIn(id: string, options: Readonly<Record<string, unknown>>): StandIn {
  const method = methodById(id);
  const { meta } = method;
  if (method.kind !== 'layer') {
    throw new LatheError(
      'preview-graph',
      `${meta.title} changes the graph, not single weights; choose another step to see its weights.`,
    );
  }
  const layerMethod = method;
  const parsed = meta.options.parse(options);
  if (layerMethod.needs(parsed) === undefined || meta.baseline === undefined) {
    return { method: layerMethod, options: parsed };
  }
  const baseline = methodById(meta.baseline);
  return {
    method: baseline as LayerMethod,
    options: sharedOptions(baseline, options),
    note: `${meta.title} looks at calibration data, so this shows ${baseline.meta.title} until you run it.`,
  };
}

import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { Encoder, Method } from '../../src/core/methods/contract.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { sharedOptions } from '../../src/core/recipe/shared-options.ts';

/** A method that can be shown at once, with its checked options. */
export interface StandIn {
  readonly method: Method & { readonly encoder: Encoder };
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
  if (!isEncoder(method) || meta.pictures !== 'weight') {
    throw new LatheError(
      'preview-graph',
      `${meta.title} changes the graph, not single weights; choose another step to see its weights.`,
    );
  }
  const parsed = meta.options.parse(options);
  const baseline = meta.baseline === undefined ? undefined : methodById(meta.baseline);
  const look = method.encoder.look?.(parsed);
  if (look === undefined || baseline === undefined || !isEncoder(baseline)) {
    return { method, options: parsed };
  }
  return {
    method: baseline,
    options: sharedOptions(baseline, options),
    note: `${meta.title} needs calibration data: until it runs, this shows ${baseline.meta.title}.`,
  };
}

function isEncoder(method: Method): method is StandIn['method'] {
  return method.encoder !== undefined;
}

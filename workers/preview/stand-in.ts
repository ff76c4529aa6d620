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
 * What can be shown at once: a method that needs calibration is shown as it is without, where it can do without, else
 * stood in for by its baseline, or by that one's.
 * Throws `preview-graph` for methods that change the graph.
 */
export function standIn(id: string, options: Readonly<Record<string, unknown>>): StandIn {
  const method = methodById(id);
  const { meta } = method;
  if (!isEncoder(method) || meta.pictures !== 'weight') {
    throw new LatheError(
      'preview-graph',
      `${meta.title} changes the model as a whole, so a single weight has no picture before a run; choose another step to see its weights.`,
    );
  }
  const parsed = meta.options.parse(options);
  const alone = method.encoder.look?.(parsed) && meta.withoutData?.(parsed);
  if (alone !== undefined) {
    const note = `${meta.title} looks at calibration data when it runs: until then, this shows it without.`;
    return { method, options: alone, note };
  }
  const { method: simple, options: shown } = simplest(method, parsed, options);
  if (simple === method) return { method, options: parsed };
  return {
    method: simple,
    options: shown,
    note: `${meta.title} needs calibration data: until it runs, this shows ${simple.meta.title}.`,
  };
}

/** The first on the way from a method to its baseline, and to that one's, that looks at no data. */
function simplest(
  method: StandIn['method'],
  parsed: unknown,
  options: Readonly<Record<string, unknown>>,
): Pick<StandIn, 'method' | 'options'> {
  const here = { method, options: parsed };
  if (method.encoder.look?.(parsed) === undefined || method.meta.baseline === undefined)
    return here;
  const baseline = methodById(method.meta.baseline);
  if (!isEncoder(baseline)) return here;
  const shared = sharedOptions(baseline, options, method);
  return simplest(baseline, shared, { ...options, ...shared });
}

function isEncoder(method: Method): method is StandIn['method'] {
  return method.encoder !== undefined;
}

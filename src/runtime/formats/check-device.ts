import type { Runtime } from '../types.ts';
import { FORMAT_CASES } from './cases.ts';
import { supports, type Support } from './support.ts';

/** One probe of every form, as a product: few enough to be asked each time a page is opened. */
export const DEVICE_PROBES: readonly string[] = [
  ...new Map(
    FORMAT_CASES.filter(({ use }) => use === 'MatMul')
      .toReversed()
      .map(({ form, id }) => [form, id]),
  ).values(),
];

/**
 * Whether a graphics device may compute: every form it takes must come out right. What it refuses is no
 * reason against it: a job that needs that is done on WebAssembly.
 */
export async function checkDevice(runtime: Runtime): Promise<Support> {
  for (const id of DEVICE_PROBES) {
    const answer = await supports(runtime, id);
    if (!answer.ok && answer.error !== undefined) return answer;
  }
  return { ok: true };
}

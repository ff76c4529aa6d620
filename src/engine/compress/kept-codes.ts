import { z } from 'zod';
import type { KeepCodes, KeptCodes } from '../../core/methods/contract.ts';
import { sha256OfJson } from '../hash.ts';
import { lookedAtIn } from './stage-key.ts';
import type { RunningStep } from './types.ts';

const HeaderSchema = z.object({
  codes: z.int().min(0),
  scales: z.int().min(0),
  warnings: z.array(z.string()),
});

/**
 * Keeps what is found for one layer on the way to its stage, by a key of all that decides it: the stage before, the
 * method, the layer, the data, the device, and what the method names. Steps that differ in nothing else take it up from
 * each other. Undefined where nothing outlives the run.
 */
export function keeper(step: RunningStep, layer: string): KeepCodes | undefined {
  const { context, planned, before } = step;
  const { kept: cache, looks, devices } = context;
  if (cache === undefined) return undefined;
  const method = planned.method.meta.id;
  const data = { calibration: looks?.sha256 };
  const seen = lookedAtIn(planned.work, context.plan.recipe.seed, data, devices?.device);
  return async (depends, make) => {
    const key = await sha256OfJson({ before, method, layer, depends, ...seen });
    const bytes = await cache.bytes(key);
    const known = bytes && unpacked(bytes);
    if (known !== undefined) return known;
    const made = await make();
    await cache.keepBytes(key, packed(made));
    return made;
  };
}

/** A header of JSON and its length, then codes, then scales. */
function packed({ codes, scales, warnings }: KeptCodes): readonly Uint8Array[] {
  const header = { codes: codes.length, scales: scales.length, warnings };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(Uint32Array.of(text.length).buffer);
  return [length, text, codes, new Uint8Array(scales.slice().buffer)];
}

/** Undefined for bytes that are something else. */
function unpacked(bytes: Uint8Array): KeptCodes | undefined {
  try {
    const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const text = new TextDecoder().decode(bytes.subarray(4, start));
    const { codes, scales, warnings } = HeaderSchema.parse(JSON.parse(text));
    const [own, floats] = [bytes.slice(start, start + codes), bytes.slice(start + codes)];
    if (own.length !== codes || floats.length !== 4 * scales) return undefined;
    return { codes: own, scales: new Float32Array(floats.buffer), warnings };
  } catch {
    return undefined;
  }
}

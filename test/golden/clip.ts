import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { columns, relativeOutputError, vector } from './load.ts';

const cases = z
  .record(
    z.string(),
    z.object({
      bits: z.literal([2, 3, 4]),
      group: z.number(),
      relativeOutputError: z.number(),
      ratio: z.number().optional(),
      losses: z.array(z.number()).optional(),
      gain: z.number().optional(),
      vectors: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('vectors/clip.json', import.meta.url), 'utf8')));

/** Numbers of the golden cases of clips and scales that begin so. */
export function clipCases(prefix: string) {
  return Object.entries(cases)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { group, ...rest }]) => ({
      ...{ name, ...rest, groupSize: group > 0 ? group : columns },
    }));
}

/** bfloat16 rounding to nearest even, as ai-edge-quantizer keeps block-wise scales. */
export function toBfloat16(value: number): number {
  const words = new Uint32Array(Float32Array.of(value).buffer);
  const [word] = words;
  words[0] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(words.buffer)[0];
}

/** The pass rule of the manifest: share of entries within 1e-5, and how far the output error is off. */
export function passRule(w: Float32Array, quantized: Float32Array, name: string) {
  const expected = vector(name);
  const near = quantized.filter((v, i) => Math.abs(v - expected[i]) <= 1e-5).length;
  const off = relativeOutputError(w, quantized) / cases[name].relativeOutputError - 1;
  return { near: near / quantized.length, off: Math.abs(off) };
}

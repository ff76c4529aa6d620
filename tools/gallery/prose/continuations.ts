import * as ort from 'onnxruntime-web/wasm';
import { seededRandom } from '../../../src/core/random/seeded.ts';
import type { Tokenizer } from '../../../src/core/text/tokenizer.ts';

const LENGTH = 60;
const TEMPERATURE = 0.8;
const KEPT = 40;

/** Each prompt continued by 60 tokens drawn with temperature 0.8 from the 40 likeliest. */
export async function continuations(
  model: Uint8Array,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  seed: number,
): Promise<string[]> {
  const session = await ort.InferenceSession.create(model);
  const texts: string[] = [];
  for (const prompt of prompts) {
    const random = seededRandom(seed, prompt);
    const ids = [tokenizer.bos ?? 0, ...tokenizer.encode(prompt)];
    for (let k = 0; k < LENGTH; k++) ids.push(draw(await lastLogits(session, ids), random.next()));
    texts.push(`“${tokenizer.decode(ids)}”`);
  }
  await session.release();
  return texts;
}

async function lastLogits(session: ort.InferenceSession, ids: readonly number[]) {
  const data = BigInt64Array.from(ids, (id) => BigInt(id));
  const input_ids = new ort.Tensor('int64', data, [1, ids.length]);
  const { logits } = await session.run({ input_ids });
  return (logits.data as Float32Array).slice(-logits.dims[2]);
}

function draw(logits: Float32Array, uniform: number): number {
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, KEPT);
  const powers = order.map((id) => Math.exp((logits[id] - logits[order[0]]) / TEMPERATURE));
  let left = uniform * powers.reduce((sum, power) => sum + power, 0);
  const found = powers.findIndex((power) => (left -= power) <= 0);
  return order[Math.max(0, found)];
}

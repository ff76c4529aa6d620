import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { readModel } from '../core/onnx/read.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { memoryData } from '../core/onnx/tensor-data.ts';
import { languageFeeds } from './feeds.ts';
import { generate, generateBoth } from './generate.ts';
import { createWasmRuntime } from './ort-wasm.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const path = new URL('../../public/samples/stories/model.onnx', import.meta.url);
const stories = await readModel(bytesSource(new Uint8Array(await readFile(path))));
const original = await runtime.open(stories);
const compressed = await runtime.open({
  ...stories,
  graph: {
    ...stories.graph,
    initializers: await Promise.all(
      stories.graph.initializers.map(async (tensor) => {
        if (tensor.dataType !== 1 || tensor.data.byteLength < 2000) return tensor;
        const bytes = (await tensor.data.read()).slice();
        const values = new Float32Array(bytes.buffer);
        values.forEach((value, i) => (values[i] = Math.round(value * 6) / 6));
        return { ...tensor, data: memoryData(bytes) };
      }),
    ),
  },
});
afterAll(async () => {
  await original.release();
  await compressed.release();
});

const prompt = [1, 403, 407];
const greedy = { tokens: 12, contextLength: 512 };

async function scores(context: readonly number[]): Promise<Float32Array> {
  const found = await original.run(languageFeeds(original.inputs, { windows: [context] }));
  return (found.logits.data as Float32Array).slice(-512);
}

describe('generate', () => {
  it('chooses the most likely token, again and again', async () => {
    const told: number[] = [];
    const steps = await generate(original, prompt, {
      ...greedy,
      onToken: ({ id }) => told.push(id),
    });
    expect(steps).toHaveLength(12);
    expect(told).toEqual(steps.map(({ id }) => id));
    const context = [...prompt];
    for (const { id, probability, logits } of steps) {
      const row = await scores(context);
      expect(logits).toEqual(row);
      expect(id).toBe(row.indexOf(Math.max(...row)));
      const total = row.reduce((sum, v) => sum + Math.exp(v - row[id]), 0);
      expect(probability).toBeCloseTo(1 / total, 12);
      context.push(id);
    }
  });

  it('sees only the last tokens of a long context', async () => {
    const long = Array.from({ length: 40 }, (_, i) => 100 + i);
    const [step] = await generate(original, long, { tokens: 1, contextLength: 8 });
    expect(step.logits).toEqual(await scores(long.slice(-8)));
  });

  it('ends at a stop token', async () => {
    const [first, second] = await generate(original, prompt, greedy);
    const steps = await generate(original, prompt, { ...greedy, stop: [second.id] });
    const wanted = first.id === second.id ? [first.id] : [first.id, second.id];
    expect(steps.map(({ id }) => id)).toEqual(wanted);
  });

  it('draws the same tokens for the same seed', async () => {
    const draw = async (seed: number, temperature: number) => {
      const options = { ...greedy, sampling: { seed, temperature } };
      return (await generate(original, prompt, options)).map(({ id }) => id);
    };
    expect(await draw(1, 1)).toEqual(await draw(1, 1));
    expect(await draw(1, 2)).not.toEqual(await draw(2, 2));
    const cold = (await generate(original, prompt, greedy)).map(({ id }) => id);
    expect(await draw(3, 1e-6)).toEqual(cold);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const running = generate(original, prompt, {
      ...greedy,
      signal: controller.signal,
      onToken: () => controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('generateBoth', () => {
  it('writes what each model writes alone, with the KL on the same context', async () => {
    const both = await generateBoth(original, compressed, prompt, greedy);
    const alone = await generate(original, prompt, greedy);
    const other = await generate(compressed, prompt, greedy);
    expect(both.original.map(({ id }) => id)).toEqual(alone.map(({ id }) => id));
    expect(both.compressed.map(({ id }) => id)).toEqual(other.map(({ id }) => id));
    expect(both.compressed.map(({ probability }) => probability)).toEqual(
      other.map(({ probability }) => probability),
    );
    expect(both.original[0].kl).toBe(both.compressed[0].kl);
    expect(Math.min(...both.original.map(({ kl }) => kl))).toBeGreaterThan(0);
  });

  it('finds no distance between a model and itself', async () => {
    const both = await generateBoth(original, original, prompt, { ...greedy, tokens: 4 });
    expect(both.original).toEqual(both.compressed);
    for (const { kl } of both.original) expect(kl).toBeCloseTo(0, 12);
  });
});

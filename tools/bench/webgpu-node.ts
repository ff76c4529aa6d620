/**
 * A product in each stored form by onnxruntime-node's WebGPU provider, beside its CPU one: `npx tsx tools/bench/webgpu-node.ts`,
 * on a machine with a graphics card and a Vulkan loader, also where Chromium gets no adapter. Then every form's probe on the card.
 * Options: `--width N` (default 4096), `--runs N` (default 31), `--threads N` of the CPU (default 8).
 */
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeModel } from '../../src/core/onnx/write.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { FORMAT_CASES } from '../../src/runtime/formats/cases.ts';
import { formatProbe, type ProbeRun } from '../../src/runtime/formats/probe.ts';
import { median } from './line.ts';
import { STORED_PRODUCTS, storedProduct } from './webgpu-page/stored-products.ts';

const { values: options } = parseArgs({
  options: {
    width: { type: 'string', default: '4096' },
    runs: { type: 'string', default: '31' },
    threads: { type: 'string', default: '8' },
  },
});
const [width, runs, threads] = [options.width, options.runs, options.threads].map(Number);

/** Runs that warm up: shaders are compiled in the first. */
const WARM_UP = 5;
/** As the probes of `npm run formats`. */
const TOLERANCE = 2 ** -10;

async function open(model: Model, provider: 'webgpu' | 'cpu'): Promise<InferenceSession> {
  return InferenceSession.create(await writeModel(model), {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
}

async function medianOf(model: Model, tokens: number, provider: 'webgpu' | 'cpu') {
  const session = await open(model, provider);
  const data = Float32Array.from({ length: tokens * width }, (_, i) => ((i % 17) - 8) / 8);
  const times: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    const x = new Tensor('float32', data, [tokens, width]);
    const start = performance.now();
    await session.run({ x });
    if (run >= 0) times.push(performance.now() - start);
  }
  await session.release();
  return median(times);
}

/** The furthest result from the right one, as a share of the largest. */
async function errorOf(session: InferenceSession, { feeds, expected }: ProbeRun): Promise<number> {
  const given = Object.entries(feeds).map(([name, { data, dims }]) => [
    name,
    data instanceof BigInt64Array
      ? new Tensor('int64', data, dims)
      : new Tensor('float32', Float32Array.from(data as Float32Array), dims),
  ]);
  const { y } = await session.run(Object.fromEntries(given) as Record<string, Tensor>);
  const found = Float64Array.from(y.data as Float32Array);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]))) / largest;
}

async function probed(): Promise<void> {
  const wrong: string[] = [];
  for (const test of FORMAT_CASES) {
    const probe = formatProbe(test);
    try {
      const session = await open(probe.model, 'webgpu');
      for (const run of probe.runs)
        if ((await errorOf(session, run)) > TOLERANCE) wrong.push(test.id);
      await session.release();
    } catch (error) {
      wrong.push(`${test.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(`${FORMAT_CASES.length - wrong.length} of ${FORMAT_CASES.length} probes right`);
  for (const one of wrong) console.log(one);
}

for (const { form, tokens, name } of STORED_PRODUCTS) {
  const model = storedProduct(form, width);
  const card = await medianOf(model, tokens, 'webgpu');
  const processor = await medianOf(model, tokens, 'cpu');
  console.log(
    `${name}: WebGPU ${card.toFixed(2)} ms, CPU ${processor.toFixed(2)} ms (${threads} threads, n = ${runs})`,
  );
}
await probed();

/**
 * Measuring a language model against running it bare, and opening a session against opening it bare, one thread
 * each: `npm run bench -- evaluation session`, or `npx tsx tools/bench/evaluation.ts`. The two alternate on the
 * same graph, windows and runtime; medians are compared. Memory is the peak of a fresh process each.
 * Options: `--runs N` (default 7), `--only evaluation,session`, `--tokens N` (per window, default 256).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { writeParts } from '../../src/cli/files/write-parts.ts';
import type { TokenWindow } from '../../src/core/data/types.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { modelParts } from '../../src/core/onnx/write.ts';
import { evaluate } from '../../src/runtime/evaluate/evaluate.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import type { OrtModule, OrtSession } from '../../src/runtime/ort.ts';
import type { Session } from '../../src/runtime/types.ts';
import { median, printMeasured } from './line.ts';
import { languageModel, type Size } from './models.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    only: { type: 'string', default: 'evaluation,session' },
    tokens: { type: 'string', default: '256' },
    task: { type: 'string' },
    file: { type: 'string' },
  },
});
const RUNS = Number(options.runs);

/** Large enough that products dominate, with logits as wide as real ones. */
const EVALUATED: Size = { width: 512, blocks: 6, vocabulary: 32000 };
/** Half a gigabyte: what a process needs anyway is small beside it. */
const OPENED: Size = { width: 768, blocks: 8, vocabulary: 50257 };

/** The runtime first: it sets the number of threads of the one module that both sides use. */
const runtime = await createWasmRuntime({ threads: 1 });
const nodeBuild = 'onnxruntime-web';
const ort = (await import(nodeBuild)) as OrtModule;

function windowsOf(count: number): TokenWindow[] {
  const length = Number(options.tokens);
  return Array.from({ length: count }, (_, w) => ({
    ids: Int32Array.from({ length }, (_, i) => (7919 * (i + 1) * (w + 1)) % EVALUATED.vocabulary),
    firstCounted: 1,
    document: w,
  }));
}

function openBare(bytes: Uint8Array): Promise<OrtSession> {
  return ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 4 });
}

async function runBare(session: OrtSession, windows: readonly TokenWindow[]): Promise<void> {
  for (const { ids } of windows) {
    const data = BigInt64Array.from(ids, BigInt);
    await session.run({ input_ids: new ort.Tensor('int64', data, [1, ids.length]) });
  }
}

async function openOurs(bytes: Uint8Array): Promise<Session> {
  return runtime.open(await readModel(bytesSource(bytes)));
}

async function measureOurs(session: Session, windows: readonly TokenWindow[]): Promise<void> {
  await evaluate({ model: { session } }, { task: 'language-model', windows });
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function benchEvaluation(bytes: Uint8Array): Promise<void> {
  const [bare, ours] = [await openBare(bytes), await openOurs(bytes)];
  const windows = windowsOf(2);
  const tokens = 2 * Number(options.tokens);
  const times: [number[], number[]] = [[], []];
  for (let run = -1; run < RUNS; run++) {
    const own = await milliseconds(() => measureOurs(ours, windows));
    const base = await milliseconds(() => runBare(bare, windows));
    if (run >= 0) [own, base].forEach((time, i) => times[i].push(time));
  }
  await Promise.all([bare.release(), ours.release()]);
  const rates = times.map((list) => (1000 * tokens) / median(list));
  printMeasured({
    what: 'evaluation, tokens per second / bare session.run',
    // The median of the pairs: what slows both alike cancels out.
    value: median(times[0].map((own, i) => times[1][i] / own)),
    goal: { relation: '≥', limit: 0.95 },
    note: `${rates[0].toFixed(0)} / ${rates[1].toFixed(0)} tokens/s, n = ${RUNS}`,
  });
}

async function benchCreation(bytes: Uint8Array): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let run = -1; run < RUNS; run++) {
    const own = await milliseconds(async () => (await openOurs(bytes)).release());
    const base = await milliseconds(async () => (await openBare(bytes)).release());
    if (run >= 0) [own, base].forEach((time, i) => times[i].push(time));
  }
  printMeasured({
    what: 'session creation / bare',
    value: median(times[0].map((own, i) => own / times[1][i])),
    goal: { relation: '≤', limit: 1.15 },
    note: `${median(times[0]).toFixed(0)} / ${median(times[1]).toFixed(0)} ms, n = ${RUNS}`,
  });
}

/** What a fresh process does for the memory rows. */
const TASKS: Record<string, (bytes: Uint8Array) => Promise<void>> = {
  bare: async (bytes) => runBare(await openBare(bytes), windowsOf(1)),
  ours: async (bytes) => measureOurs(await openOurs(bytes), windowsOf(1)),
};

async function peakOf(task: string, file: string): Promise<number> {
  const self = fileURLToPath(import.meta.url);
  const given = [
    '--import',
    'tsx',
    self,
    '--task',
    task,
    '--file',
    file,
    '--tokens',
    options.tokens,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, given);
  return Number(stdout.trim().split('\n').at(-1));
}

async function benchMemory(file: string): Promise<void> {
  const { size } = await stat(file);
  const [ours, bare] = [await peakOf('ours', file), await peakOf('bare', file)];
  const megabytes = [ours, bare, size].map((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`);
  printMeasured({
    what: 'peak memory of opening and measuring / model bytes',
    value: ours / size,
    goal: { relation: '≤', limit: 4.3 },
    note: `${megabytes[0]}, bare ${megabytes[1]} (${(bare / size).toFixed(2)}×), model ${megabytes[2]}, n = 1`,
  });
}

/** Peak resident bytes of this process. */
async function peak(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return 1024 * (found ? Number(found[1]) : process.resourceUsage().maxRSS);
}

async function main(): Promise<void> {
  if (options.task !== undefined && options.file !== undefined) {
    await TASKS[options.task](await readFile(options.file));
    console.log(await peak());
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  const wanted = options.only.split(',');
  try {
    if (wanted.includes('evaluation')) {
      await benchEvaluation(await readFile(await written(folder, EVALUATED)));
    }
    if (wanted.includes('session')) {
      const file = await written(folder, OPENED);
      await benchMemory(file);
      await benchCreation(await readFile(file));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function written(folder: string, size: Size): Promise<string> {
  const file = join(folder, `model-${size.width}.onnx`);
  await writeParts(file, modelParts(languageModel(size)).parts);
  return file;
}

await main();

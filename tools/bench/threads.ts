/**
 * What a second thread brings: `npm run bench -- threads`, or `npx tsx tools/bench/threads.ts`. Each measurement is a
 * process of its own, because the first session fixes the number of threads; one and N threads alternate, and the
 * median of the pairs' ratios counts. The GPTQ runs print the hash of the written file: it must be the same.
 * Options: `--threads N` (default 2), `--runs N` (default 3), `--only evaluation,gptq`.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { pinOf } from '../../test/support/pins/pin.ts';
import type { ExampleDataset } from '../../src/core/data/types.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { evaluate } from '../../src/runtime/evaluate/evaluate.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { median, printMeasured } from './line.ts';
import { languageModel, type Size } from './models.ts';

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'evaluation,gptq' },
    task: { type: 'string' },
  },
});
const THREADS = Number(options.threads);
const LENGTH = 256;

/** Large enough that products dominate, with logits as wide as real ones. */
const EVALUATED: Size = { width: 512, blocks: 6, vocabulary: 32000 };
/** Layers as wide as those of a 124 M model; four blocks, and few tokens of vocabulary, to end in a minute. */
const QUANTIZED: Size = { width: 768, blocks: 4, vocabulary: 512 };

interface Measured {
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpu: number;
  readonly hash?: string;
}

/** What a fresh process does with so many threads. */
const TASKS: Record<string, (threads: number) => Promise<Measured>> = {
  async evaluation(threads) {
    const runtime = await createWasmRuntime({ threads });
    const session = await runtime.open(languageModel(EVALUATED));
    const windows = rows(4, EVALUATED.vocabulary).map((ids, document) => {
      return { ids, firstCounted: 1, document };
    });
    const run = () => evaluate({ model: { session } }, { task: 'language-model', windows });
    // The first run compiles and lets the threads start.
    await run();
    return timed(run);
  },
  async gptq(threads) {
    const source = bytesSource(await writeModel(languageModel(QUANTIZED)));
    const files = [{ path: 'model.onnx', source }];
    const open = await openModel({ name: 'bench', origin: 'file', files });
    const model = { name: 'bench', open, data: tokens(), amount: { samples: 8, length: LENGTH } };
    const target = { all: true, except: ['embedding', 'output-head'] };
    const step = { method: 'gptq', options: { bits: 4, blockSize: 32 }, target };
    return timed(() => pinOf(model, { name: 'gptq', steps: [step] }, threads));
  },
};

function rows(count: number, vocabulary: number): Int32Array[] {
  return Array.from({ length: count }, (_, w) =>
    Int32Array.from({ length: LENGTH }, (_, i) => (7919 * (i + 1) * (w + 1)) % vocabulary),
  );
}

function tokens(): ExampleDataset {
  const ids = rows(8, QUANTIZED.vocabulary).flatMap((row) => [...row]);
  const data = BigInt64Array.from(ids, BigInt);
  const arrays = { input_ids: { dataType: DataType.int64, dims: [8, LENGTH], data } };
  return { kind: 'examples', name: 'bench', count: 8, arrays };
}

async function timed(work: () => Promise<unknown>): Promise<Measured> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  const written = typeof result === 'object' && result !== null && 'file' in result;
  const hash = written ? { hash: String(result.file) } : {};
  return { seconds, cpu: (user + system) / 1e6, ...hash };
}

async function inProcess(task: string, threads: number): Promise<Measured> {
  const self = fileURLToPath(import.meta.url);
  const given = ['--import', 'tsx', self, '--task', task, '--threads', `${threads}`];
  const { stdout } = await promisify(execFile)(process.execPath, given);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured;
}

async function compare(task: string, what: string, limit: number): Promise<void> {
  const pairs: [Measured, Measured][] = [];
  for (let run = 0; run < Number(options.runs); run++)
    pairs.push([await inProcess(task, 1), await inProcess(task, THREADS)]);
  const [first] = pairs[0];
  if (pairs.flat().some(({ hash }) => hash !== first.hash))
    throw new Error(`${what}: the written bytes depend on the number of threads.`);
  const of = (pick: (m: Measured) => number) =>
    [0, 1].map((side) => median(pairs.map((pair) => pick(pair[side]))).toFixed(1));
  const [wall, cpu] = [of(({ seconds }) => seconds), of((m) => m.cpu)];
  printMeasured({
    what: `${what}, speed with ${THREADS} threads / 1`,
    value: median(pairs.map(([one, more]) => one.seconds / more.seconds)),
    goal: { relation: '≥', limit },
    note: `${wall.join(' / ')} s, CPU ${cpu.join(' / ')} s, n = ${pairs.length}`,
  });
}

async function main(): Promise<void> {
  if (options.task !== undefined) {
    console.log(JSON.stringify(await TASKS[options.task](THREADS)));
    return;
  }
  const wanted = options.only.split(',');
  if (wanted.includes('evaluation')) await compare('evaluation', 'evaluation', 1.6);
  if (wanted.includes('gptq')) await compare('gptq', 'whole-model GPTQ', 1.7);
}

await main();
// Threads of the runtime would keep a process open.
process.exit();

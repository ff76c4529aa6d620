/**
 * The trainer's speed: `npm run bench -- train`, or `npx tsx tools/bench/train.ts`. Works that are compared take
 * turns, step by step, and the median of the pairs' ratios counts; times are processor time of one thread, except
 * where two threads run. PyTorch's side needs Debian's python3-torch with OpenBLAS and is left out, visibly, where
 * they are missing; TensorFlow.js takes part when LATHE_TFJS names a folder that holds its packages (66 MB, so no
 * dependency; see tfjs_train.mjs). Options: `--rounds N` (default 5), `--only torch,wasm,lora,threads,tfjs`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeModel } from '../../src/core/onnx/write.ts';
import { createNodeRuntime } from '../../src/runtime/ort-node.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { median, printMeasured } from './line.ts';
import * as training from './training.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'torch,wasm,lora,threads,tfjs' },
    child: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds);
const PYTHON = '/usr/bin/python3';

/** Does one step and says how many milliseconds it took. */
type Timed = () => Promise<number>;

function processorTime(work: training.Work): Timed {
  return async () => {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}

/** A rate is what can be reached: one short product beside other work would make it too low. */
function fastestOf(count: number, work: Timed): Timed {
  return async () => {
    const times: number[] = [];
    for (let k = 0; k < count; k++) times.push(await work());
    return Math.min(...times);
  };
}

/** Times of each in turn. The first two rounds warm up: allocators grow, WebAssembly is compiled again. */
async function takeTurns(works: readonly Timed[], rounds = ROUNDS): Promise<number[][]> {
  const times: number[][] = works.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (const [i, work] of works.entries()) {
      const time = await work();
      if (round >= 0) times[i].push(time);
    }
  }
  return times;
}

/** Median of a/b, pair by pair: what slows both cancels out. */
function ratio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((time, i) => time / b[i]));
}

function tokensPerSecond(times: readonly number[]): string {
  const ms = median(times);
  return `${((1000 * training.TOKENS) / ms).toFixed(0)} tokens/s (${ms.toFixed(0)} ms a step)`;
}

/** A process that answers each line with a time. */
class Answering {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, given: readonly string[], threads: number) {
    const env = {
      ...process.env,
      OMP_NUM_THREADS: `${threads}`,
      OPENBLAS_NUM_THREADS: `${threads}`,
    };
    this.#child = spawn(command, given, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const input = this.#child.stdout;
    if (input === null) throw new Error(`${command} has no output.`);
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('The other process ended before its answer.');
    return next.value;
  }

  readonly step: Timed = async () => {
    this.#child.stdin?.write('step\n');
    return Number(await this.line());
  };

  end(): void {
    this.#child.stdin?.end();
  }
}

const About = z.object({ version: z.string(), blas: z.array(z.string()), gflops: z.number() });

/** PyTorch on the same model and batch size, or nothing where it or a fast BLAS is missing. */
async function startTorch(folder: string) {
  if (!existsSync(PYTHON)) return undefined;
  const file = join(folder, 'model.onnx');
  await writeFile(file, await writeModel(training.trained('full').student));
  const script = fileURLToPath(new URL('./torch_train.py', import.meta.url));
  const { heads, keyValueHeads } = training.TRAINED;
  const sizes = [heads, keyValueHeads, training.BATCH, training.LENGTH].map(String);
  const process = new Answering(PYTHON, [script, file, ...sizes], 1);
  const first = await process.line().catch(() => undefined);
  if (first === undefined) return undefined;
  const about = About.parse(JSON.parse(first));
  console.log(
    `PyTorch ${about.version}, BLAS ${about.blas.join(' ')}, ${about.gflops.toFixed(0)} GFLOP/s at 1024³`,
  );
  if (about.blas.some((path) => /openblas|mkl|blis/.test(path))) return process;
  console.log('PyTorch is left out: its BLAS is the slow reference, which would flatter us.');
  process.end();
  return undefined;
}

async function benchTorch(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  try {
    const torch = await startTorch(folder);
    if (torch === undefined) {
      console.log(
        'The comparison with PyTorch is left out: install python3-torch and libopenblas0-pthread.',
      );
      return;
    }
    const runtime = await createNodeRuntime({ threads: 1 });
    const ours = await training.trainingStep(runtime, training.problem('full'));
    const [own, theirs] = await takeTurns([processorTime(ours), torch.step]);
    torch.end();
    printMeasured({
      what: 'training, native, tokens per second / PyTorch, one thread each',
      value: ratio(theirs, own),
      goal: { relation: '≥', limit: 0.6 },
      note: `${tokensPerSecond(own)} / ${tokensPerSecond(theirs)}, n = ${ROUNDS}`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchWasm(): Promise<void> {
  const runtime = await createWasmRuntime({ threads: 1 });
  const input = training.problem('full');
  const step = processorTime(await training.trainingStep(runtime, input));
  const product = processorTime(await training.squareProduct(runtime));
  const [steps, products] = await takeTurns([step, fastestOf(4, product)]);
  const flops = training.productFlops(input);
  const floors = products.map((ms) => (ms * flops) / training.SQUARE_FLOPS);
  const rate = training.SQUARE_FLOPS / 1e6 / median(products);
  printMeasured({
    what: 'training, WebAssembly, step / its products at the rate of a product',
    value: ratio(steps, floors),
    goal: { relation: '≤', limit: 1.8 },
    note: `${tokensPerSecond(steps)}, ${(flops / 1e9).toFixed(1)} GFLOP at ${rate.toFixed(1)} GFLOP/s, n = ${ROUNDS}`,
  });
}

async function benchLora(): Promise<void> {
  for (const [name, create] of [
    ['native', createNodeRuntime],
    ['WebAssembly', createWasmRuntime],
  ] as const) {
    const runtime = await create({ threads: 1 });
    const inputs = (['lora', 'full'] as const).map((what) => training.problem(what));
    const works: Timed[] = [];
    for (const input of inputs) {
      works.push(processorTime(await training.trainingStep(runtime, input)));
    }
    const [lora, full] = await takeTurns(works);
    const [few, all] = inputs.map(({ layout }) => layout.size);
    printMeasured({
      what: `LoRA step / full step, rank 8, ${name}`,
      value: ratio(lora, full),
      goal: { relation: '≤', limit: 0.75 },
      note: `${tokensPerSecond(lora)}, ${((100 * few) / all).toFixed(1)} % of the weights, n = ${ROUNDS}`,
    });
  }
}

/** One sequence per step: with eight, TensorFlow.js needs more than 20 s a step. */
async function benchTfjs(): Promise<void> {
  const folder = process.env.LATHE_TFJS;
  if (folder === undefined) {
    console.log('The comparison with TensorFlow.js is left out: name its folder in LATHE_TFJS.');
    return;
  }
  const runtime = await createWasmRuntime({ threads: 1 });
  const ours = await training.trainingStep(runtime, training.problem('full', 1), 1);
  const script = fileURLToPath(new URL('./tfjs_train.mjs', import.meta.url));
  const { vocabularySize, hiddenSize, feedForwardWidth, blocks, heads } = training.TRAINED;
  const sizes = [vocabularySize, hiddenSize, feedForwardWidth, blocks, heads, 1, training.LENGTH];
  const given = ['--import', 'tsx', script, folder, ...sizes.map(String)];
  const theirs = new Answering(process.execPath, given, 1);
  await theirs.line();
  const [own, other] = await takeTurns([processorTime(ours), theirs.step]);
  theirs.end();
  const rate = (times: readonly number[]) => ((1000 * training.LENGTH) / median(times)).toFixed(0);
  printMeasured({
    what: 'training, WebAssembly, tokens per second / TensorFlow.js wasm',
    value: ratio(other, own),
    goal: { relation: '≥', limit: 5 },
    note: `${rate(own)} / ${rate(other)} tokens/s at 1 × ${training.LENGTH} a step, n = ${ROUNDS}`,
  });
}

/** Two threads against one, by the clock: the number of threads is fixed for a whole process. */
async function benchThreads(): Promise<void> {
  const children = [1, 2].map((threads) => {
    const self = fileURLToPath(import.meta.url);
    return new Answering(
      process.execPath,
      ['--import', 'tsx', self, '--child', `${threads}`],
      threads,
    );
  });
  for (const child of children) await child.line();
  const [one, two] = await takeTurns(children.map(({ step }) => step));
  children.forEach((child) => child.end());
  const what = 'training, WebAssembly, two threads / one, by the clock'.padEnd(66);
  const speed = ratio(one, two).toFixed(3).padStart(9);
  console.log(
    `${what}  ${speed}  ${''.padEnd(14)}  ${tokensPerSecond(two)} / ${tokensPerSecond(one)}, n = ${ROUNDS}`,
  );
}

async function answer(threads: number): Promise<void> {
  const runtime = await createWasmRuntime({ threads });
  const step = await training.trainingStep(runtime, training.problem('full'));
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === '') break;
    const start = performance.now();
    await step();
    console.log(performance.now() - start);
  }
}

const BENCHES: Record<string, () => Promise<void>> = {
  torch: benchTorch,
  wasm: benchWasm,
  lora: benchLora,
  threads: benchThreads,
  tfjs: benchTfjs,
};

if (options.child !== undefined) await answer(Number(options.child));
else for (const name of options.only.split(',')) await BENCHES[name]();
// Threads of onnxruntime would keep the process alive.
process.exit(0);

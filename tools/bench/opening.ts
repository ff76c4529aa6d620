/**
 * Large models: opening against reading and hashing the same bytes, 4-bit rounding against reading, hashing and
 * writing them, GPTQ against a bare forward pass of its calibration; `npm run bench -- opening`, or
 * `npx tsx tools/bench/opening.ts`. Processor seconds of fresh processes, start-up left out; medians. Models are
 * made up and streamed into a temporary folder. Options: `--runs N` (default 3), `--only opening,rounding,gptq,half`
 * (default the first two; `gptq` takes minutes, `half` 5 GB of disk).
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { OrtModule } from '../../src/runtime/ort.ts';
import { writeLargeModel } from './large-model.ts';
import { median, printMeasured } from './line.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'opening,rounding' },
    task: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});

const SAMPLES = 16;
const LENGTH = 256;
const VOCABULARY = 50257;
const CHUNK = 4 << 20;

/** Bytes per weight of a layer at work: float32, its codes, and float32 decoded again for the error. */
const WORKING = 4 + 1 + 4;

async function readAndHash(file: string): Promise<void> {
  const hash = createHash('sha256');
  const handle = await open(file);
  const buffer = new Uint8Array(CHUNK);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
  }
  await handle.close();
  hash.digest('hex');
}

async function writeBare(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w');
  const chunk = new Uint8Array(CHUNK).fill(7);
  for (let left = bytes; left > 0; left -= CHUNK) {
    await handle.write(chunk, 0, Math.min(CHUNK, left));
  }
  await handle.close();
}

function windowsOf(): BigInt64Array {
  return BigInt64Array.from({ length: SAMPLES * LENGTH }, (_, i) =>
    BigInt((7919 * (i + 1)) % VOCABULARY),
  );
}

async function compressed(folder: string, recipe: unknown, calibrated: boolean): Promise<void> {
  const { openModel } = await import('../../src/engine/model/open.ts');
  const { modelFolder } = await import('../../src/cli/files/model-folder.ts');
  const { withHost } = await import('../../src/cli/host.ts');
  const { runTrial } = await import('../../src/engine/run-trial.ts');
  const { TrialStore } = await import('../../src/engine/trials/store.ts');
  const { writeModelFiles } = await import('../../src/cli/files/write-model.ts');
  const { parseRecipe } = await import('../../src/core/recipe/schema.ts');
  const data = { dataType: 7, dims: [SAMPLES, LENGTH], data: windowsOf() };
  const calibration = { kind: 'examples', name: 'tokens', count: SAMPLES } as const;
  const opened = await openModel(await modelFolder(folder));
  const { signal } = new AbortController();
  await withHost({ name: 'wasm', threads: 1 }, async (host) => {
    const { id } = await runTrial(
      host,
      {
        ...{ open: opened, recipe: parseRecipe(recipe), measure: false },
        ...(calibrated && { calibration: { ...calibration, arrays: { input_ids: data } } }),
      },
      { signal, progress: () => {} },
    );
    const written = await new TrialStore(host.storage).written(id);
    await writeModelFiles(join(folder, 'out', 'model.onnx'), written, signal);
  });
}

const GPTQ = {
  version: 1,
  calibration: { data: 'tokens', samples: SAMPLES, length: LENGTH },
  steps: [{ method: 'gptq', target: 'all', options: { bits: 4, blockSize: 32 } }],
};

/** What is measured, each in a process of its own; a task may load its code first, which does not count. */
const TASKS: Record<string, (folder: string) => Promise<() => Promise<unknown>>> = {
  readAndHash: async (folder) => () => readAndHash(join(folder, 'model.onnx')),
  async open(folder) {
    const { openModel } = await import('../../src/engine/model/open.ts');
    const { modelFolder } = await import('../../src/cli/files/model-folder.ts');
    const { findDuplicates } = await import('../../src/core/onnx/duplicates.ts');
    return async () => findDuplicates((await openModel(await modelFolder(folder))).model);
  },
  readHashWrite: async (folder) => {
    const { size } = await stat(join(folder, 'out', 'model.onnx'));
    return async () => {
      await readAndHash(join(folder, 'model.onnx'));
      await writeBare(join(folder, 'bare'), size);
    };
  },
  async rounding(folder) {
    const { presetByName } = await import('../../src/core/recipe/presets.ts');
    return () => compressed(folder, presetByName('q4').recipe, false);
  },
  gptq: async (folder) => () => compressed(folder, GPTQ, true),
  async forward(folder) {
    const build = 'onnxruntime-web';
    const ort = (await import(build)) as OrtModule;
    ort.env.wasm.numThreads = 1;
    const bytes = await readFile(join(folder, 'model.onnx'));
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const tokens = windowsOf();
    return async () => {
      for (let i = 0; i < SAMPLES; i++) {
        const ids = tokens.slice(i * LENGTH, (i + 1) * LENGTH);
        await session.run({ input_ids: new ort.Tensor('int64', ids, [1, LENGTH]) });
      }
    };
  },
};

interface Spent {
  readonly seconds: number;
  /** Peak resident megabytes above what the process took before the work began. */
  readonly megabytes: number;
  readonly peak: number;
}

async function peakMegabytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return (found ? Number(found[1]) : process.resourceUsage().maxRSS) / 1024;
}

/** In the child. */
async function measureHere(task: string, folder: string): Promise<void> {
  const work = await TASKS[task](folder);
  const [before, start] = [await peakMegabytes(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(start);
  const peak = await peakMegabytes();
  const spent: Spent = { seconds: (user + system) / 1e6, megabytes: peak - before, peak };
  console.log(JSON.stringify(spent));
}

function measure(task: string, folder: string): Promise<Spent> {
  const self = fileURLToPath(import.meta.url);
  const given = ['--import', 'tsx', self, '--task', task, '--folder', folder];
  const child = spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      const last = output.trim().split('\n').at(-1) ?? '';
      if (code === 0) resolve(JSON.parse(last) as Spent);
      else reject(new Error(`The task "${task}" ended with ${code}.`));
    });
  });
}

/** Both tasks taking turns; medians of their seconds. */
async function beside(own: string, base: string, folder: string, runs: number) {
  const [mine, theirs]: [Spent[], Spent[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    mine.push(await measure(own, folder));
    theirs.push(await measure(base, folder));
  }
  const seconds = (list: readonly Spent[]) => median(list.map((spent) => spent.seconds));
  return { own: seconds(mine), base: seconds(theirs), spent: mine };
}

const note = (own: number, base: number, n: number) =>
  `${own.toFixed(2)} / ${base.toFixed(2)} s of processor, n = ${n}`;

async function benchOpening(folder: string, runs: number): Promise<void> {
  const { own, base } = await beside('open', 'readAndHash', folder, runs);
  printMeasured({
    what: '498 MB: open, recognise, find duplicates / read and hash',
    value: own / base,
    goal: { relation: '≤', limit: 2 },
    note: note(own, base, runs),
  });
  printMeasured({
    what: 'the same, seconds of processor',
    value: own,
    goal: { relation: '≤', limit: 3 },
  });
}

async function benchRounding(folder: string, runs: number): Promise<void> {
  await measure('rounding', folder);
  const { own, base, spent } = await beside('rounding', 'readHashWrite', folder, runs);
  printMeasured({
    what: '498 MB: 4-bit rounding / read, hash, write the bytes',
    value: own / base,
    goal: { relation: '≤', limit: 1.5 },
    note: note(own, base, runs),
  });
  // The head is the embedding read once more, and rounded as a layer of its own.
  const largest = (WORKING * VOCABULARY * 768) / 2 ** 20;
  const megabytes = median(spent.map((one) => one.megabytes));
  printMeasured({
    what: '498 MB: memory of 4-bit rounding / working set of the largest layer',
    value: megabytes / largest,
    goal: { relation: '≤', limit: 2 },
    note: `${megabytes.toFixed(0)} / ${largest.toFixed(0)} MB above the loaded code`,
  });
}

async function benchGptq(folder: string): Promise<void> {
  const { own, base, spent } = await beside('gptq', 'forward', folder, 1);
  printMeasured({
    what: '498 MB: GPTQ, 16 × 256 tokens / bare forward pass of them',
    value: own / base,
    goal: { relation: '≤', limit: 2 },
    note: `${note(own, base, 1)}; the solve is in it; ${spent[0].peak.toFixed(0)} MB resident`,
  });
}

async function benchHalf(folder: string): Promise<void> {
  await writeLargeModel('xl', folder);
  await mkdir(join(folder, 'out'));
  const { peak, seconds } = await measure('rounding', folder);
  printMeasured({
    what: '3.1 GB in float16, external data: 4-bit rounding, MB resident',
    value: peak,
    goal: { relation: '≤', limit: 2000 },
    note: `${seconds.toFixed(0)} s of processor`,
  });
}

async function main(): Promise<void> {
  const [runs, only] = [Number(options.runs), options.only.split(',')];
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  try {
    const small = join(folder, 'small');
    await writeLargeModel('small', small);
    await mkdir(join(small, 'out'));
    if (only.includes('opening')) await benchOpening(small, runs);
    if (only.includes('rounding')) await benchRounding(small, runs);
    if (only.includes('gptq')) await benchGptq(small);
    if (only.includes('half')) await benchHalf(join(folder, 'xl'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (options.task === undefined) await main();
else await measureHere(options.task, options.folder);

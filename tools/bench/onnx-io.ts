/**
 * Opening and saving models against plain reading and writing of the same bytes: `npx tsx tools/bench/onnx-io.ts`.
 * Times alternate between the two and medians are compared; memory is the peak of a fresh process each.
 * Options: `--megabytes N` (single file, default 500), `--gigabytes N` (external data, default 3), `--runs N`.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { nodeFileSource } from '../../src/cli/files/node-file-source.ts';
import { writeParts } from '../../src/cli/files/write-parts.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { bytesInMemory, memoryData } from '../../src/core/onnx/tensor-data.ts';
import type { ByteSource, Model, Node, Tensor, TensorData } from '../../src/core/onnx/types.ts';
import { externalize, modelParts } from '../../src/core/onnx/write.ts';

const MB = 1 << 20;

/** Bytes that are made when read: a model of any size without memory. */
function generatedData(byteLength: number, seed: number): TensorData {
  return {
    byteLength,
    async read(offset = 0, length = byteLength - offset) {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let i = 0; i < words.length; i++)
        words[i] = Math.imul(offset / 4 + i + seed, 2654435761);
      return new Uint8Array(words.buffer, 0, length);
    },
  };
}

/** A chain of square layers: `count` weights of `bytes` bytes each. */
function chain(count: number, bytes: number): Model {
  const width = Math.floor(Math.sqrt(bytes / 4));
  const initializers = Array.from({ length: count }, (_, i): Tensor => {
    const data = generatedData(4 * width * width, i);
    return { name: `layer.${i}.weight`, dataType: 1, dims: [width, width], data };
  });
  const nodes = initializers.map(({ name }, i): Node => ({
    name: `/layer.${i}/MatMul`,
    opType: 'MatMul',
    domain: '',
    inputs: [`x${i}`, name],
    outputs: [`x${i + 1}`],
    attributes: [],
  }));
  const type = { dataType: 1, dims: [{ symbol: 'n' }, { value: width }] };
  const graph = {
    name: 'chain',
    nodes,
    initializers,
    inputs: [{ name: 'x0', type }],
    outputs: [{ name: `x${count}`, type }],
    valueInfo: [],
  };
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: 17 }],
    graph,
    metadata: [],
    functions: [],
  };
}

function withOneChanged(model: Model): Model {
  const [first, ...rest] = model.graph.initializers;
  const bytes = new Uint8Array(first.data.byteLength).fill(1);
  const initializers = [{ ...first, data: memoryData(bytes) }, ...rest];
  return { ...model, graph: { ...model.graph, initializers } };
}

/** What is measured, each runnable in a process of its own: `task FILE OUT`. */
const TASKS = {
  async read(file: string) {
    await readFile(file);
  },
  async open(file: string) {
    const model = await readModel(bytesSource(await readFile(file)));
    const copied = model.graph.initializers.filter(({ data }) => !bytesInMemory(data));
    if (copied.length > 0) throw new Error('a tensor is not a view of the file');
  },
  async openLazily(file: string) {
    await readModel(await nodeFileSource(file));
  },
  async write(file: string, out: string) {
    const bytes = await readFile(file);
    return () => writeBytes(out, bytes);
  },
  async save(file: string, out: string) {
    const model = await readModel(bytesSource(await readFile(file)));
    return () => writeParts(out, modelParts(withOneChanged(model)).parts);
  },
  async saveFromDisk(file: string, out: string) {
    const model = await readModel(await nodeFileSource(file));
    return () => writeParts(out, modelParts(withOneChanged(model)).parts);
  },
  async rewriteExternal(file: string, out: string) {
    const model = await openExternal(file);
    await writeExternal(model, out);
  },
};

async function writeBytes(out: string, bytes: Uint8Array): Promise<void> {
  const file = await open(out, 'w');
  for (let at = 0; at < bytes.byteLength;) at += (await file.write(bytes, at)).bytesWritten;
  await file.close();
}

async function openExternal(file: string): Promise<Model> {
  const sources = new Map<string, ByteSource>();
  for (let i = 0; ; i++) {
    const name = i === 0 ? 'model.onnx_data' : `model.onnx_data_${i}`;
    const path = join(dirname(file), name);
    if (!(await stat(path).catch(() => undefined))) break;
    sources.set(name, await nodeFileSource(path));
  }
  return readModel(await nodeFileSource(file), { external: (path) => sources.get(path) });
}

async function writeExternal(model: Model, out: string): Promise<void> {
  const { model: light, files } = externalize(model, { path: 'model.onnx_data' });
  await mkdir(dirname(out), { recursive: true });
  for (const { path, parts } of files) await writeParts(join(dirname(out), path), parts);
  await writeParts(out, modelParts(light).parts);
}

type Task = keyof typeof TASKS;

/** Milliseconds of a task; for those that return a function, of that function alone. */
async function time(task: Task, file: string, out: string): Promise<number> {
  await rm(out, { force: true });
  let start = performance.now();
  const then = await TASKS[task](file, out);
  if (typeof then === 'function') {
    start = performance.now();
    await then();
  }
  return performance.now() - start;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function compare(task: Task, baseline: Task, file: string, out: string, runs: number) {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i <= runs; i++) {
    const pair = [await time(task, file, out), await time(baseline, file, out)];
    if (i > 0) pair.forEach((value, k) => times[k].push(value));
  }
  const [own, base] = times.map(median);
  return { own, base, ratio: own / base };
}

/** Linux counts the parent's memory into a child's maxRSS; VmHWM starts anew. */
async function peakKilobytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return found ? Number(found[1]) : process.resourceUsage().maxRSS;
}

/** Peak resident bytes of a fresh process that does the task. */
async function peak(task: Task, file: string, out: string): Promise<number> {
  const self = fileURLToPath(import.meta.url);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [
    '--import',
    'tsx',
    self,
    '--task',
    task,
    file,
    out,
  ]);
  return Number(stdout.trim().split('\n').at(-1)) * 1024;
}

const megabytes = (bytes: number) => `${(bytes / MB).toFixed(0)} MB`;
const milliseconds = (value: number) => `${value.toFixed(0)} ms`;

async function singleFile(folder: string, size: number, runs: number): Promise<void> {
  const [file, out] = [join(folder, 'model.onnx'), join(folder, 'out.onnx')];
  await writeParts(file, modelParts(chain(size / 5, 5 * MB)).parts);
  console.log(`single file, ${megabytes((await stat(file)).size)}, medians of ${runs}`);
  const opened = await compare('open', 'read', file, out, runs);
  const lazy = await compare('openLazily', 'read', file, out, runs);
  const saved = await compare('save', 'write', file, out, runs);
  const fromDisk = await compare('saveFromDisk', 'write', file, out, runs);
  row(
    'open / read the bytes',
    opened.ratio,
    1.05,
    `${milliseconds(opened.own)} / ${milliseconds(opened.base)}`,
  );
  row('open without reading tensors / read the bytes', lazy.ratio, 1.05, milliseconds(lazy.own));
  row(
    'save, one tensor changed / write the bytes',
    saved.ratio,
    1.15,
    `${milliseconds(saved.own)} / ${milliseconds(saved.base)}`,
  );
  row(
    'the same, streamed from disk / write the bytes',
    fromDisk.ratio,
    undefined,
    milliseconds(fromDisk.own),
  );
  const bytes = (await stat(file)).size;
  const [base, own] = [await peak('write', file, out), await peak('save', file, out)];
  row(
    'peak memory of save above write, / the model',
    (own - base) / bytes,
    0.1,
    `${megabytes(own)} − ${megabytes(base)}`,
  );
  await rm(file);
  await rm(out);
}

async function externalData(folder: string, gigabytes: number): Promise<void> {
  const file = join(folder, 'in', 'model.onnx');
  await writeExternal(chain(gigabytes * 16, 64 * MB), file);
  const resident = await peak('rewriteExternal', file, join(folder, 'out', 'model.onnx'));
  row(`${gigabytes} GB external data, opened and rewritten: MB resident`, resident / MB, 600);
}

function row(label: string, value: number, goal?: number, note = ''): void {
  const verdict = goal === undefined ? '' : value <= goal ? `≤ ${goal} ok` : `> ${goal} MISSED`;
  console.log(`${label.padEnd(58)} ${value.toFixed(2).padStart(8)}  ${verdict.padEnd(14)} ${note}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      task: { type: 'string' },
      megabytes: { type: 'string', default: '500' },
      gigabytes: { type: 'string', default: '3' },
      runs: { type: 'string', default: '5' },
    },
  });
  const task = Object.keys(TASKS).find((name): name is Task => name === values.task);
  if (task) {
    await time(task, positionals[0], positionals[1]);
    console.log(await peakKilobytes());
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  try {
    await singleFile(folder, Number(values.megabytes), Number(values.runs));
    await externalData(folder, Number(values.gigabytes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();

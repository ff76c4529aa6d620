/**
 * Kernels against their anchors, as ratios within one run: `npx tsx tools/bench/kernels.ts`.
 * Anchor and kernel alternate, both on one thread; medians of processor time with n. Options: `--rounds N` (default 7),
 * `--sizes 768,2048` (layers for Hessian and GPTQ), `--only gemm,rounding,logits,solve,pruning,alps,growth`.
 * The C comparison needs `cc`, the PyTorch one Debian's python3-torch; each is left out, visibly, where missing.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/wasm';
import { alps } from '../../src/core/kernels/alps.ts';
import { compareLogits } from '../../src/core/kernels/compare-logits.ts';
import { gemm } from '../../src/core/kernels/gemm.ts';
import { gptq } from '../../src/core/kernels/gptq.ts';
import { quantizeBlocks4, quantizeUniform } from '../../src/core/kernels/rtn.ts';
import { keptOnly } from '../../src/core/kernels/rank-select.ts';
import { pruneMagnitude, pruneWanda } from '../../src/core/kernels/select.ts';
import { sparseGpt } from '../../src/core/kernels/sparsegpt.ts';
import { accumulateSecondMoments } from '../../src/core/kernels/syrk.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { cholesky } from '../../src/core/linalg/cholesky.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { matMulModel, torchTimes } from './kernel-anchors.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    sizes: { type: 'string', default: '768,2048' },
    only: { type: 'string', default: 'gemm,rounding,logits,solve,pruning,alps,growth' },
  },
});
const ROUNDS = Number(options.rounds);
const SIZES = options.sizes.split(',').map(Number);
const TOKENS = 4096;

type Work = () => unknown;

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1];
}

/** WHY processor time: everything here is one thread, and on shared cores the clock measures the others. */
async function milliseconds(work: Work): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/**
 * Runs all works in turn, ROUNDS times; the median of each. WHY the pauses before: WebAssembly starts in
 * quickly compiled code, five times slower, and the optimised code arrives from another thread.
 */
async function alternate(works: readonly Work[], repeats = 1): Promise<number[]> {
  const times = works.map((): number[] => []);
  for (let warmUp = 0; warmUp < 3; warmUp++) {
    for (const work of works) for (let i = 0; i < 3; i++) await work();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  for (let round = 0; round < ROUNDS * repeats; round++)
    for (const [i, work] of works.entries()) {
      times[i].push(await milliseconds(work));
    }
  return times.map(median);
}

function line(what: string, value: string, goal = ''): void {
  process.stdout.write(`${what.padEnd(58)} ${value.padStart(34)}  ${goal}\n`);
}

async function benchGemm(): Promise<void> {
  ort.env.wasm.numThreads = 1;
  for (const n of [512, 768, 1024]) {
    const [a, b] = [gaussian(n * n, 1), gaussian(n * n, 2)];
    const session = await ort.InferenceSession.create(await writeModel(matMulModel(n)));
    const feeds = {
      a: new ort.Tensor('float32', a, [n, n]),
      b: new ort.Tensor('float32', b, [n, n]),
    };
    const [ours, theirs] = await alternate(
      [() => gemm(n, n, n, a, b), () => session.run(feeds)],
      3,
    );
    await session.release();
    const rate = (ms: number): string => (2e-6 * (n ** 3 / ms)).toFixed(1);
    const rates = `${rate(ours)} / ${rate(theirs)} GFLOP/s = ${(theirs / ours).toFixed(2)}`;
    line(`GEMM ${n}: rate / onnxruntime-web wasm`, rates, 'goal ≥ 1.3 (768–1024)');
  }
}

async function benchRounding(): Promise<void> {
  const n = 2048;
  const w = gaussian(n * n, 1);
  const target = new Float32Array(n * n);
  const [copy, blocks, asymmetric, row] = await alternate(
    [
      () => target.set(w),
      () => quantizeBlocks4(w, n, n, 32, 'signed-max'),
      () => quantizeBlocks4(w, n, n, 32, 'minmax'),
      () => quantizeUniform(w, n, n, { bits: 8, groupSize: n, range: 'absmax' }),
    ],
    5,
  );
  const rate = (ms: number): string => `${((4e-6 * n * n) / ms).toFixed(2)} GB/s`;
  const share = (ms: number): string => `${rate(ms)}, ${(copy / ms).toFixed(2)} of a copy's`;
  line('copy of 2048² float32', rate(copy));
  line('RTN 4-bit block 32 symmetric', share(blocks), 'goal ≥ 0.24 of a copy (4 of 17 GB/s)');
  line('RTN 4-bit block 32 asymmetric', share(asymmetric));
  line('RTN 8-bit per row', share(row), 'goal ≥ 0.24 of a copy');
  await benchNative(n, w);
}

async function benchNative(n: number, w: Float32Array): Promise<void> {
  if (spawnSync('cc', ['--version']).status !== 0) return line('C comparison', 'left out: no cc');
  const folder = mkdtempSync(join(tmpdir(), 'lathe-bench-'));
  const program = join(folder, 'rounding');
  const source = fileURLToPath(new URL('native/rounding.c', import.meta.url));
  execFileSync('cc', ['-O3', '-march=native', '-o', program, source, '-lm']);
  const native: number[][] = [[], []];
  const ours: number[][] = [[], []];
  const works = [
    () => quantizeBlocks4(w, n, n, 32, 'signed-max'),
    () => quantizeUniform(w, n, n, { bits: 8, groupSize: n, range: 'absmax' }),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const out = execFileSync(program, [String(n * n), '9'], { encoding: 'utf8' });
    out
      .split(' ')
      .slice(0, 2)
      .forEach((ms, i) => native[i].push(Number(ms)));
    for (const [i, work] of works.entries())
      for (let repeat = 0; repeat < 9; repeat++) ours[i].push(await milliseconds(work));
  }
  rmSync(folder, { recursive: true });
  const ratio = (i: number): string =>
    `${median(ours[i]).toFixed(2)} / ${median(native[i]).toFixed(2)} ms = ${(median(ours[i]) / median(native[i])).toFixed(2)}`;
  line('RTN 4-bit block 32: time / own C, -O3 native', ratio(0), 'goal ≤ 1.0 (against ggml q4_0)');
  line(
    'RTN 8-bit per row: time / own C (b32), -O3 native',
    ratio(1),
    'goal ≤ 2.5 (against ggml q8_0)',
  );
}

async function benchLogits(): Promise<void> {
  for (const [rows, vocabulary] of [
    [32, 50257],
    [256, 512],
  ]) {
    const p = gaussian(rows * vocabulary, 1);
    const q = p.map((v, i) => v + 0.1 * Math.sin(i));
    const targets = new Int32Array(rows);
    const copyP = new Float32Array(p.length);
    const [ours, copy] = await alternate(
      [() => compareLogits(p, q, rows, vocabulary, targets), () => (copyP.set(p), copyP.set(q))],
      3,
    );
    const value = `${((rows * vocabulary) / ours / 1e3).toFixed(0)} M logits/s, ${(ours / copy).toFixed(1)}× a copy`;
    line(`logits ${rows}×${vocabulary}: NLL, KL, argmax of both`, value);
  }
}

async function benchSolve(): Promise<void> {
  const goals: Record<number, string> = { 768: '≤ 0.35', 2048: '≤ 0.65', 4096: '≤ 0.75' };
  for (const n of SIZES) {
    const torch = torchTimes(n, ['hessian', 'gptq']);
    if (torch === undefined) line(`PyTorch ${n}²`, 'left out: no python3-torch');
    const { x, h, w } = layer(n, TOKENS);
    const scratch = h.slice();
    const [hessian, solve, groups, factor] = await alternate([
      () => accumulateSecondMoments(scratch, x, TOKENS, n),
      () => gptq(w, n, n, h, { bits: 4, groupSize: n, range: 'minmax' }),
      () => gptq(w, n, n, h, { bits: 4, groupSize: 128, range: 'minmax' }),
      () => cholesky(h, n),
    ]);
    line(
      `Hessian ${n}, 4096 tokens: time / PyTorch`,
      against(hessian, torch?.hessian),
      'goal ≤ 1.4',
    );
    line(
      `GPTQ ${n}² per channel: time / PyTorch`,
      against(solve, torch?.gptq),
      `goal ${goals[n] ?? ''}`,
    );
    line(`GPTQ ${n}² groups of 128`, against(groups));
    line(`Cholesky ${n}`, against(factor));
  }
}

function against(ms: number, reference?: number): string {
  if (reference === undefined) return `${ms.toFixed(0)} ms`;
  return `${ms.toFixed(0)} / ${reference.toFixed(0)} ms = ${(ms / reference).toFixed(2)}`;
}

async function benchPruning(): Promise<void> {
  const goals: Record<number, string> = { 768: 'goal ≤ 0.6', 2048: 'goal ≤ 0.9' };
  const names = ['magnitude', 'wanda', 'sparsegpt', 'sparsegpt24'] as const;
  for (const n of SIZES) {
    const torch = torchTimes(n, names);
    if (torch === undefined) line(`PyTorch ${n}²`, 'left out: no python3-torch');
    const { h, w } = layer(n, TOKENS);
    const norms = Float32Array.from({ length: n }, (_, j) => Math.sqrt(h[j * n + j]));
    const times = await alternate([
      () => keptOnly(w, pruneMagnitude(w, n, n, 0.5)),
      () => keptOnly(w, pruneWanda(w, n, n, norms, 0.5)),
      () => sparseGpt(w, n, n, h, { pattern: 0.5 }),
      () => sparseGpt(w, n, n, h, { pattern: { n: 2, m: 4 } }),
    ]);
    const what = (of: string): string => `${of} ${n}²: time / PyTorch`;
    line(what('magnitude 50 %'), against(times[0], torch?.magnitude), 'goal ≤ 0.2');
    line(what('Wanda 50 %'), against(times[1], torch?.wanda), 'goal ≤ 0.35');
    line(what('SparseGPT 50 %'), against(times[2], torch?.sparsegpt), goals[n]);
    line(what('SparseGPT 2:4'), against(times[3], torch?.sparsegpt24), goals[n]);
  }
}

/** WHY apart and few rounds: a search of dozens of steps on each side. */
async function benchAlps(): Promise<void> {
  for (const n of SIZES) {
    const torch = torchTimes(n, ['alps'], 1);
    const { h, w } = layer(n, TOKENS);
    const times: number[] = [];
    let steps = 0;
    for (let run = 0; run < 3; run++)
      times.push(
        await milliseconds(() => {
          ({ steps } = alps(w, n, n, h, { pattern: 0.5 }));
        }),
      );
    line(
      `ALPS 50 % ${n}², ${steps} steps: time / PyTorch`,
      against(median(times), torch?.alps),
      'goal ≤ 0.6',
    );
  }
}

function layer(n: number, tokens: number): { x: Float32Array; h: Float32Array; w: Float32Array } {
  const x = gaussian(tokens * n, 1);
  const h = new Float32Array(n * n);
  accumulateSecondMoments(h, x, tokens, n);
  return { x, h, w: gaussian(n * n, 2) };
}

/** Slope of log time over log size by least squares. */
function exponent(sizes: readonly number[], times: readonly number[]): string {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0);
  return (covariance / x.reduce((sum, v) => sum + (v - mx) ** 2, 0)).toFixed(2);
}

async function benchGrowth(): Promise<void> {
  const sizes = [768, 1536, 3072];
  const rounding: number[] = [];
  const hessian: number[] = [];
  const solve: number[] = [];
  for (const n of sizes) {
    const { x, h, w } = layer(n, 1024);
    for (let j = 0; j < n; j++) h[j * n + j] += 100;
    const scratch = h.slice();
    const [r, s, g] = await alternate([
      () => quantizeBlocks4(w, n, n, 32, 'signed-max'),
      () => accumulateSecondMoments(scratch, x, 1024, n),
      () => gptq(w, n, n, h, { bits: 4, groupSize: n, range: 'minmax' }),
    ]);
    rounding.push(r);
    hessian.push(s);
    solve.push(g);
  }
  const weights = sizes.map((n) => n * n);
  line('growth of RTN per weight, 768…3072', exponent(weights, rounding), 'goal ≤ 1.1');
  line('growth of the Hessian in columns', exponent(sizes, hessian), 'goal ≤ 2.2');
  line('growth of GPTQ in size', exponent(sizes, solve), 'goal ≤ 2.9');
}

const BENCHES: Record<string, () => Promise<void>> = {
  gemm: benchGemm,
  rounding: benchRounding,
  logits: benchLogits,
  solve: benchSolve,
  pruning: benchPruning,
  alps: benchAlps,
  growth: benchGrowth,
};

line(`medians, n = ${ROUNDS} (GEMM, logits × 3, rounding × 5)`, '');
for (const name of options.only.split(',')) await BENCHES[name]();

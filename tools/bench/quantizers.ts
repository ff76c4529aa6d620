/**
 * Searches of quantizers against PyTorch's on one thread: HQQ, AWQ's ratio; and exact k-means against a limit: `npx tsx tools/bench/quantizers.ts`.
 * Medians of processor time. Options: `--sizes 768,2048`, `--rounds N` (default 5). Without Debian's python3-torch the ratios are left
 * out, visibly.
 */
import { parseArgs } from 'node:util';
import { dequantizeUniform, quantizeUniform } from '../../src/core/kernels/rtn.ts';
import { accumulateSecondMoments } from '../../src/core/kernels/syrk.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import type { UniformOptions } from '../../src/core/kernels/uniform.ts';
import { searchRatio } from '../../src/core/methods/quantization/awq/scale-search.ts';
import { gatherPoints } from '../../src/core/methods/quantization/codebook/gather-points.ts';
import { optimalClusters } from '../../src/core/methods/quantization/codebook/optimal-clusters.ts';
import { codesOf, solveZeros } from '../../src/core/methods/quantization/hqq/half-quadratic.ts';
import { options as hqqOptions } from '../../src/core/methods/quantization/hqq/meta.ts';
import { torchTimes } from './kernel-anchors.ts';
import { median, printMeasured } from './line.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '768,2048' },
    rounds: { type: 'string', default: '5' },
  },
});
const ROUNDS = Number(options.rounds);
const TOKENS = 4096;

/** Median milliseconds of processor time, one thread; the first run warms up. */
function milliseconds(work: () => unknown, rounds = ROUNDS): number {
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    if (round >= 0) times.push((user + system) / 1000);
  }
  return median(times);
}

function ratio(what: string, ours: number, theirs: number | undefined, limit: number): void {
  if (theirs === undefined) {
    console.log(`${what}: ${ours.toFixed(0)} ms; PyTorch left out: no python3-torch`);
    return;
  }
  const note = `${ours.toFixed(0)} / ${theirs.toFixed(0)} ms, n = ${ROUNDS}`;
  printMeasured({ what, value: ours / theirs, goal: { relation: '≤', limit }, note });
}

function benchHqq(w: Float32Array, n: number, theirs: number | undefined): void {
  const shape = { columns: n, groupSize: 64 };
  const defaults = hqqOptions.parse({ bits: 4 });
  const ours = milliseconds(() => codesOf(w, shape, solveZeros(w, shape, defaults), 4));
  ratio(`HQQ 4 bits, groups of 64, ${n}²: time / PyTorch`, ours, theirs, 0.4);
}

function benchAwq(w: Float32Array, n: number, theirs: number | undefined): void {
  const x = gaussian(TOKENS * n, 1);
  const h = new Float32Array(n * n);
  accumulateSecondMoments(h, x, TOKENS, n);
  const magnitudes = Float64Array.from({ length: n }, (_, j) => Math.sqrt(h[j * n + j]));
  const grid: UniformOptions = { bits: 4, groupSize: 128, range: 'minmax' };
  const quantize = (own: Float32Array): Float32Array =>
    dequantizeUniform(quantizeUniform(own, n, n, grid), n, n, grid);
  const ours = milliseconds(() => searchRatio({ w, columns: n, magnitudes, h }, quantize));
  ratio(`AWQ, 20 ratios, ${n}²: time / PyTorch on 512 tokens`, ours, theirs, 0.5);
}

function benchKMeans(): void {
  const values = gaussian(2048 ** 2, 3);
  const ours = milliseconds(() => optimalClusters(gatherPoints(values), 16), 3);
  printMeasured({
    what: 'exact k-means, 16 entries, of a 2048² tensor, seconds',
    value: ours / 1000,
    goal: { relation: '≤', limit: 10 },
    note: 'n = 3',
  });
}

for (const n of options.sizes.split(',').map(Number)) {
  const w = gaussian(n * n, 2);
  const torch = torchTimes(n, ['hqq', 'awq']);
  benchHqq(w, n, torch?.hqq);
  benchAwq(w, n, torch?.awq);
}
benchKMeans();

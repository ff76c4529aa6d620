/**
 * Linear algebra against LAPACK, as ratios within one run: `npx tsx tools/bench/linear-algebra.ts`. Both on one thread, medians of
 * processor time. Options: `--rounds N` (default 5), `--sizes 768,2048`. PyTorch's side needs Debian's python3-torch with
 * libopenblas0-pthread and is left out, visibly, where missing.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accumulateSecondMoments } from '../../src/core/kernels/syrk.ts';
import { gaussian, uniform } from '../../src/core/kernels/testing.ts';
import { cholesky } from '../../src/core/linalg/cholesky.ts';
import { symmetricEigen } from '../../src/core/linalg/eigen.ts';
import { randomizedSvd } from '../../src/core/linalg/randomized-svd.ts';
import { svd } from '../../src/core/linalg/svd.ts';
import { median, printMeasured, type Measured } from './line.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '768,2048' },
  },
});
const ROUNDS = Number(options.rounds);

interface Reference {
  readonly cholesky: number;
  readonly eigen: number;
  readonly svd: number;
  readonly lowrank: number;
  readonly blas: readonly string[];
}

/** Medians of the PyTorch side; undefined where it, or a fast BLAS, is not installed. */
function torchTimes(size: number): Reference | undefined {
  const script = fileURLToPath(new URL('../../test/golden/linalg_timings.py', import.meta.url));
  // WHY the path: Debian's package belongs to Debian's interpreter, which may not be the first one found.
  const { status, stdout } = spawnSync('/usr/bin/python3', [script, String(size), '3'], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  const found = status === 0 ? (JSON.parse(stdout) as Reference) : undefined;
  return found?.blas.some((path) => /openblas|mkl|blis/.test(path)) === true ? found : undefined;
}

/** WHY processor time: everything here is one thread, and on shared cores the clock measures the others. */
function milliseconds(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** WHY the pauses: WebAssembly starts in quickly compiled code, and the optimised code arrives from another thread. */
async function time(work: () => unknown): Promise<number> {
  for (let warmUp = 0; warmUp < 2; warmUp++) {
    work();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return median(Array.from({ length: ROUNDS }, () => milliseconds(work)));
}

function symmetric(n: number): Float64Array {
  const g = gaussian(n * n, 3);
  return Float64Array.from(g, (value, i) => value + g[(i % n) * n + Math.floor(i / n)]);
}

function moments(n: number): Float32Array {
  const h = new Float32Array(n * n);
  accumulateSecondMoments(h, gaussian(4 * n * n, 1), 4 * n, n);
  return h;
}

for (const n of options.sizes.split(',').map(Number)) {
  const torch = torchTimes(n);
  if (torch === undefined)
    console.log(
      'The comparison with PyTorch is left out: install python3-torch, libopenblas0-pthread.',
    );
  const [h, s, w] = [moments(n), symmetric(n), gaussian(n * n, 2)];
  const works: readonly (readonly [
    keyof Omit<Reference, 'blas'>,
    string,
    number,
    () => unknown,
  ])[] = [
    ['cholesky', `Cholesky ${n}`, 3, () => cholesky(h, n)],
    [
      'lowrank',
      `randomised SVD ${n}, rank 64`,
      4,
      () => randomizedSvd(w, n, n, 64, { next: uniform(1) }),
    ],
    ['eigen', `symmetric eigenvalues and vectors ${n}, float64`, 4, () => symmetricEigen(s, n)],
    ['svd', `SVD ${n}, ours in float64, theirs in float32`, 8, () => svd(w, n, n)],
  ];
  for (const [name, what, limit, work] of works) {
    const ours = await time(work);
    const theirs = torch?.[name];
    const note =
      theirs === undefined
        ? 'ms, alone'
        : `${ours.toFixed(0)} / ${theirs.toFixed(0)} ms, n = ${ROUNDS}`;
    const goal: Measured['goal'] = { relation: '≤', limit };
    if (theirs === undefined) printMeasured({ what, value: ours, note });
    else printMeasured({ what: `${what}: time / LAPACK`, value: ours / theirs, goal, note });
  }
}

import type { Metric } from '../../../../src/core/metrics/types.ts';
import type { Lab, Run, SubjectName } from '../../numbers/lab.ts';
import { testFiles, testsPass } from '../../numbers/tests.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { PRODUCTS } from '../variants.ts';

const MODELS: readonly SubjectName[] = ['prose', 'stories'];
const BITS = [3, 4, 6];

/** KL of mixed over uniform bits, and how near the budget the file comes, at most. */
const SHARE = 0.85;
const NEAR = 0.01;

export const fits: Line = {
  number: 5,
  claim:
    '`--fit` at 3, 4 and 6 bits on average on prose and stories: bytes within 1 % of the budget, KL ≤ 0.85 × uniform bits at the same bytes; within 5 % of exhaustive search on a toy of 6 parts',
  checks: async function* (lab) {
    for (const name of MODELS) {
      for (const bits of BITS) yield await fitted(lab, name, bits);
    }
    const files = testFiles([
      'src/core/allocation',
      'src/core/methods/quantization/mixed-precision',
    ]);
    yield await testsPass('choices of levels against exhaustive search', files);
  },
};

/** Everything at these bits: what is looked up rounded, what multiplies by GPTQ, as mixed precision may choose too. */
function uniformSteps(bits: number): readonly object[] {
  const options = { bits, blockSize: 32, scales: 'float16' };
  return [
    { method: 'gptq', target: PRODUCTS, options },
    { method: 'round-to-nearest', target: { all: true }, options: { ...options, clip: 'mse' } },
  ];
}

function fittedSteps(budget: number): readonly object[] {
  const options = { aim: 'size', budget, scales: 'float16' };
  return [{ method: 'mixed-precision', target: { all: true }, options }];
}

function fitted(lab: Lab, name: SubjectName, bits: number): Promise<Check> {
  return attempt(`${name}, as large as ${bits} bits everywhere`, async () => {
    const uniform = await lab.run(name, uniformSteps(bits));
    const budget = uniform.report.after.bytes;
    const mixed = await lab.run(name, fittedSteps(budget));
    const [even, chosen] = [klOf(uniform), klOf(mixed)];
    const used = mixed.report.after.bytes / budget;
    const ratio = chosen.value / even.value;
    const found = `KL ${shown(chosen)} against ${shown(even)} (n ${even.n}), ${ratio.toPrecision(3)} ×; ${mixed.report.after.bytes} of ${budget} bytes (${(used * 100).toFixed(2)} %)`;
    return { found, holds: ratio <= SHARE && used <= 1 && used >= 1 - NEAR };
  });
}

function klOf({ report }: Run): Metric {
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return kl;
}

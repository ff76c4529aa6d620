import type { Metric } from '../../../../src/core/metrics/types.ts';
import type { Lab, SubjectName } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { stepOf, variantsAt, type Variant } from '../variants.ts';

const MODELS: readonly SubjectName[] = ['stories', 'prose', 'gpt2-like'];
const BITS = [4, 3, 2];
const BLOCKS = [32, 64];

/** KL of the best calibrated method over that of round to nearest, at most. */
const SHARE: Readonly<Record<number, number>> = { 4: 0.55, 3: 0.35 };

export const ladder: Line = {
  number: 2,
  claim:
    'stories, prose and the GPT-2-like model at 4, 3 and 2 bits, blocks of 32 and 64: the best calibrated method ≤ 0.55 × round-to-nearest’s KL at 4 bits, ≤ 0.35 × at 3; trained methods recover ≥ half of what GPTQ loses at 2 bits',
  checks: async function* (lab) {
    for (const name of MODELS) {
      for (const bits of BITS) {
        for (const block of BLOCKS) yield await rung(lab, name, bits, block);
      }
    }
  },
};

interface Result {
  readonly variant: Variant;
  readonly kl: Metric;
}

/** All variants on one model at one width; what refuses is named, and the others are compared. */
function rung(lab: Lab, name: SubjectName, bits: number, block: number): Promise<Check> {
  return attempt(`${name}, ${bits} bits, block ${block}: KL`, async () => {
    const results: Result[] = [];
    const refused: string[] = [];
    for (const variant of variantsAt(bits, block)) {
      try {
        results.push({ variant, kl: await klOf(lab, name, stepOf(variant, bits, block)) });
      } catch (error) {
        refused.push(`${variant.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const table = results.map(({ variant, kl }) => `${variant.name} ${shown(kl)}`);
    const verdict = judge(results, bits);
    return {
      found: [...table, ...refused, verdict.found, `n ${results[0].kl.n}`].join('; '),
      holds: verdict.holds && refused.length === 0,
    };
  });
}

async function klOf(lab: Lab, name: SubjectName, step: object): Promise<Metric> {
  const { report } = await lab.run(name, [step]);
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return kl;
}

function judge(results: readonly Result[], bits: number): Omit<Check, 'what'> {
  const of = (which: (variant: Variant) => boolean): number =>
    Math.min(...results.filter(({ variant }) => which(variant)).map(({ kl }) => kl.value));
  const rtn = of(({ name }) => name === 'rtn');
  const calibrated = of((variant) => variant.calibrated === true);
  const share = calibrated / rtn;
  if (bits > 2) {
    const most = SHARE[bits] ?? 1;
    return {
      found: `best calibrated ${share.toPrecision(3)} × rtn (≤ ${most})`,
      holds: share <= most,
    };
  }
  const gptq = of(({ name }) => name === 'gptq');
  const kept = of(({ trainedUpTo }) => trainedUpTo !== undefined) / gptq;
  if (kept === Infinity)
    return { found: `best calibrated ${share.toPrecision(3)} × rtn`, holds: true };
  return { found: `best trained ${kept.toPrecision(3)} × gptq (≤ 0.5)`, holds: kept <= 0.5 };
}

import { bestWithin, SAME, widestLead, type Point } from '../../numbers/frontier-points.ts';
import type { Lab, SubjectName } from '../../numbers/lab.ts';
import { recipesOf, stepsOf } from '../recipes.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';

const SAMPLES: readonly SubjectName[] = ['stories', 'prose', 'mail', 'handwriting', 'digits'];
const BITS = [4, 3, 2];

/** Single methods over the range of sizes that they reach. */
const SINGLES: readonly object[] = [
  ...BITS.flatMap((bits) => [
    { method: 'round-to-nearest', options: { bits, blockSize: 32, clip: 'mse' } },
    { method: 'gptq', options: { bits, blockSize: 32 } },
    { method: 'hqq', options: { bits, blockSize: 32 } },
  ]),
  { method: 'round-to-nearest', options: { bits: 8, blockSize: 'channel' } },
  { method: 'sparsegpt', options: { sparsity: 0.5, store: 'smaller' } },
  { method: 'sparsegpt', options: { sparsity: 0.8, store: 'smaller' } },
  { method: 'activation-svd', options: { ratio: 0.5 } },
  { method: 'ffn-neurons', options: { ratio: 0.5 } },
  { method: 'blocks', options: { ratio: 0.5 } },
];

/** How much smaller the second comparison is. */
const SMALLER = 8;
const SHARE = 0.6;

export const frontier: Line = {
  number: 7,
  claim:
    'The best joint recipe lies on a better frontier point than every single method at the same bytes on each of the five samples; at 8× smaller, KL of the joint recipe ≤ 0.6 × the best single one’s',
  checks: async function* (lab) {
    for (const name of SAMPLES) {
      const single = await pointsOf(
        lab,
        name,
        SINGLES.map((step) => [nameOf(step), [step]] as const),
      );
      const recipes = recipesOf(name, 'joint');
      const joint = await pointsOf(
        lab,
        name,
        recipes.map((recipe) => [recipe, stepsOf(name, recipe)] as const),
      );
      yield await leads(name, joint, single);
      yield await smaller(lab, name, joint, single);
    }
  },
};

function nameOf(step: object): string {
  const { method, options } = step as { method: string; options: object };
  return `${method} ${Object.values(options).join(' ')}`;
}

/** Those that can be run; what refuses has no point. */
async function pointsOf(
  lab: Lab,
  name: SubjectName,
  recipes: readonly (readonly [string, readonly unknown[]])[],
): Promise<readonly Point[]> {
  const points: Point[] = [];
  for (const [title, steps] of recipes) {
    try {
      const { report } = await lab.run(name, steps);
      const kl = report.evaluation?.compressed.kl;
      if (kl !== undefined) points.push({ name: title, bytes: report.after.bytes, kl });
    } catch (error) {
      process.stderr.write(
        `${name}, ${title}: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  return points;
}

const described = ({ name, bytes, kl }: Point) => `${name}: KL ${shown(kl)} at ${bytes} bytes`;

function leads(
  name: SubjectName,
  joint: readonly Point[],
  single: readonly Point[],
): Promise<Check> {
  return attempt(`${name}: a joint recipe below every single method of its bytes`, () => {
    const lead = widestLead(joint, single);
    if (lead === undefined) throw new Error('No joint recipe could be run.');
    const found = `${described(lead.joint)}; ${described(lead.single)} (n ${lead.joint.kl.n}, ratio ${lead.ratio.toPrecision(3)})`;
    return Promise.resolve({ found, holds: lead.ratio < 1 });
  });
}

/** At an eighth of the file, or, where no single method gets there, at the smallest that one reaches. */
function smaller(
  lab: Lab,
  name: SubjectName,
  joint: readonly Point[],
  single: readonly Point[],
): Promise<Check> {
  const what = `${name}, ${SMALLER}× smaller: KL of the joint recipe ≤ ${SHARE} × the best single one’s`;
  return attempt(what, async () => {
    const { open } = await lab.subject(name);
    const eighth = open.bytes / SMALLER;
    const smallest = Math.min(...single.map(({ bytes }) => bytes));
    const bytes = Math.max(eighth, smallest);
    const [ours, theirs] = [bestWithin(joint, bytes * SAME), bestWithin(single, bytes)];
    if (theirs === undefined) throw new Error('No single method could be run.');
    const reach =
      smallest > eighth
        ? `no single method reaches ${Math.floor(eighth)} bytes, so at ${smallest}: `
        : '';
    if (ours === undefined) throw new Error(`${reach}no joint recipe is that small.`);
    const ratio = ours.kl.value / theirs.kl.value;
    const found = `${reach}${described(ours)}; ${described(theirs)}: ratio ${ratio.toPrecision(3)}`;
    return { found, holds: ratio <= SHARE };
  });
}

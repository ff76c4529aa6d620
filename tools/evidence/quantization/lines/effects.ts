import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatText } from '../../../../src/core/data/text-file.ts';
import { allMetas } from '../../../../src/core/methods/catalog.ts';
import type { MethodMeta } from '../../../../src/core/methods/contract.ts';
import { seededRandom } from '../../../../src/core/random/seeded.ts';
import type { Lab, Run } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { PRODUCTS } from '../variants.ts';

/** Where methods differ enough to be told apart; those without bits go as their form proposes. */
const BITS = 3;
/** Enough to move weights; the ladder trains longer. */
const TRAINED = { steps: 100 };

export const effects: Line = {
  number: 6,
  claim:
    'Foreign calibration changes the bytes and makes it worse; every method’s verdict against its baseline, "worse" included',
  checks: async function* (lab) {
    // What shrinks a cache needs a model that has one.
    const metas = allMetas().filter(
      ({ family, shrinks }) => family === 'quantization' && shrinks === undefined,
    );
    const foreign = foreignText(lab);
    for (const meta of metas.filter(calibrated)) yield await reacts(lab, meta, foreign);
    for (const meta of metas.filter(({ baseline }) => baseline !== undefined)) {
      yield await besideBaseline(lab, meta);
    }
  },
};

const calibrated = ({ needs, cost }: MethodMeta): boolean =>
  needs.includes('calibration') && cost === 'low';

/** The method's step at {@link BITS} where it knows bits, and all else as its form proposes. */
export function stepFor({ id, options }: MethodMeta): object {
  const has = (name: string): boolean => Object.hasOwn(options.shape, name);
  const bits = has('bits') && options.safeParse({ bits: BITS }).success ? { bits: BITS } : {};
  return {
    method: id,
    target: PRODUCTS,
    options: { ...bits, ...(has('steps') && TRAINED), ...NEEDED[id] },
  };
}

/** What a step must be told before it can run. */
const NEEDED: Readonly<Record<string, object>> = {
  'mixed-precision': { aim: 'size', budget: 440_000, maxBits: 4 },
};

function reacts(lab: Lab, meta: MethodMeta, calibration: string): Promise<Check> {
  return attempt(`stories, ${meta.id}: calibrated on letters by chance`, async () => {
    const step = stepFor(meta);
    const own = await lab.run('stories', [step]);
    const other = await lab.run('stories', [step], { calibration });
    const changed = own.report.outputSha256 !== other.report.outputSha256;
    const [mine, theirs] = [klOf(own), klOf(other)];
    const found = `KL ${shown(mine)} → ${shown(theirs)} (n ${mine.n}); the bytes ${changed ? 'differ' : 'are the same'}`;
    return { found, holds: changed && theirs.value > mine.value };
  });
}

/** Text of letters and spaces by chance: tokens as the model never saw them together. */
function foreignText(lab: Lab): string {
  const random = seededRandom(1, 'foreign');
  const letters = 'abcdefghijklmnopqrstuvwxyz      ';
  const line = (): string =>
    Array.from({ length: 900 }, () => letters[Math.floor(random.next() * letters.length)]).join('');
  const path = join(lab.scratch, 'foreign.txt');
  writeFileSync(path, formatText(Array.from({ length: 64 }, line)));
  return path;
}

function besideBaseline(lab: Lab, meta: MethodMeta): Promise<Check> {
  return attempt(`stories, ${meta.id} against ${meta.baseline}`, async () => {
    const own = await lab.run('stories', [stepFor(meta)]);
    const beside = await lab.besideBaseline('stories', own);
    if (beside === undefined) throw new Error('It has no baseline.');
    const { baseline, verdict } = beside;
    const { word, difference, size } = verdict;
    const found = `${word}: KL ${shown(klOf(own))} against ${shown(klOf(baseline))}; ${verdict.metric ?? ''} ${shown(difference)}; ${own.report.after.bytes} bytes, ${size.toPrecision(3)} ×`;
    return { found, holds: word !== 'not measured' };
  });
}

function klOf({ report }: Run) {
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return kl;
}

import type { Metric } from '../../../../src/core/metrics/types.ts';
import type { Lab } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { PRODUCTS } from '../variants.ts';

/** KL of int8 weights and inputs without help over that with it, at least. */
const CUT = 3;
/** How far a function that is said to stay may move: rounding of float32. */
const SAME = 1e-5;

const rounded = (method: string, options: object = {}) => ({ method, target: PRODUCTS, options });
const DYNAMIC = rounded('dynamic-int8');
const STATIC = rounded('static-int8', { blockSize: 'tensor' });
const SMOOTHED = rounded('smoothquant', { activations: 'none' });
const ROTATED = { method: 'rotation' };

/** What is done against outliers, and the plain int8 it is set beside. */
const HELPED: readonly (readonly [string, readonly object[], object])[] = [
  ['smoothquant', [rounded('smoothquant')], DYNAMIC],
  ['smoothquant, α 0.5', [rounded('smoothquant', { scaling: 'fixed' })], DYNAMIC],
  ['smoothquant, then static int8 per tensor', [SMOOTHED, STATIC], STATIC],
  ['rotation, then dynamic int8', [ROTATED, DYNAMIC], DYNAMIC],
  ['rotation, then static int8 per tensor', [ROTATED, STATIC], STATIC],
  ['outlier-split', [rounded('outlier-split')], DYNAMIC],
];

export const outliers: Line = {
  number: 4,
  claim:
    'A model with planted outlier channels: smoothquant, rotation, outlier split each cut W8A8 KL ≥ 3×; the float function is unchanged to 1e-5 where the method says so',
  checks: async function* (lab) {
    yield await unchanged(lab, 'smoothquant, scales alone', SMOOTHED);
    yield await unchanged(lab, 'rotation', ROTATED);
    for (const [title, steps, plain] of HELPED) yield await cuts(lab, title, steps, plain);
  },
};

function unchanged(lab: Lab, title: string, step: object): Promise<Check> {
  return attempt(`planted, ${title}: the float function`, async () => {
    const run = await lab.run('planted', [step]);
    const moved = await lab.moved('planted', run);
    const found = `logits moved by ${moved.toExponential(1)}; KL ${shown(run.report.evaluation?.compressed.kl)}`;
    return { found, holds: moved <= SAME };
  });
}

function cuts(lab: Lab, title: string, steps: readonly object[], plain: object): Promise<Check> {
  return attempt(`planted, ${title}: KL`, async () => {
    const [rough, fine] = [await klOf(lab, [plain]), await klOf(lab, steps)];
    const times = rough.value / fine.value;
    const found = `${shown(fine)} beside ${shown(rough)} without: ${times.toPrecision(3)} × less (n ${fine.n})`;
    return { found, holds: times >= CUT };
  });
}

async function klOf(lab: Lab, steps: readonly object[]): Promise<Metric> {
  const { report } = await lab.run('planted', steps);
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return kl;
}

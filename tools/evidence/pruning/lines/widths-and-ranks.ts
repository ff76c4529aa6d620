import type { Model } from '../../../../src/core/onnx/types.ts';
import { longs, runModel } from '../../../../test/support/run-model.ts';
import type { Lab, SubjectName } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';

const MODELS: readonly SubjectName[] = ['stories', 'prose', 'gpt2-like'];
const SHARES = [0.1, 0.2, 0.3];
const RANK = 16;

export const widthsAndRanks: Line = {
  number: 4,
  claim:
    'hidden-width at 0 % is the same function to 1e-4, 10/20/30 % a curve; activation-svd ≤ svd in output error in every layer at equal rank',
  checks: async function* (lab) {
    for (const name of MODELS) {
      yield await unchanged(lab, name);
      yield await curve(lab, name);
      yield await ranks(lab, name);
    }
  },
};

/** Some tokens that every one of the models has. */
const IDS = longs(
  [1, 24],
  Array.from({ length: 24 }, (_, at) => (at * 37 + 5) % 500),
);

/** On the model with its numbers in float32: rounding to halves is no matter of turning. The file's own KL beside it. */
function unchanged(lab: Lab, name: SubjectName): Promise<Check> {
  return attempt(`${name}: hidden-width at 0 %, largest difference of a logit`, async () => {
    const steps = [{ method: 'hidden-width', options: { ratio: 0 } }];
    const models = await lab.runFloat32(name, steps);
    const logits = async (model: Model) =>
      (await runModel(model, { input_ids: IDS })).get('logits')?.data as Float32Array;
    const [before, after] = [await logits(models.before), await logits(models.after)];
    const size = Math.max(...before.map(Math.abs));
    const most = Math.max(...before.map((value, at) => Math.abs(value - after[at])));
    const { report } = await lab.run(name, steps);
    const kl = shown(report.evaluation?.compressed.kl);
    return {
      found: `${most.toExponential(2)} of at most ${size.toPrecision(3)}, in float32; KL of the file ${kl}`,
      holds: most <= 1e-4 * Math.max(1, size),
    };
  });
}

function curve(lab: Lab, name: SubjectName): Promise<Check> {
  return attempt(
    `${name}: hidden-width at ${SHARES.join(', ')}, KL rises with the share`,
    async () => {
      const kls = [];
      for (const ratio of SHARES) {
        const { report } = await lab.run(name, [
          { method: 'hidden-width', options: { ratio, multiple: 4 } },
        ]);
        kls.push({ kl: report.evaluation?.compressed.kl, bytes: report.after.bytes });
      }
      const values = kls.map(({ kl }) => kl?.value ?? NaN);
      const found = kls.map(({ kl, bytes }) => `${shown(kl)} at ${bytes} bytes`).join('; ');
      return { found, holds: values.every((value, at) => at === 0 || values[at - 1] < value) };
    },
  );
}

/** Each layer's output error, and beside it that of the baseline (`svd`) of the same rank, as every report has them. */
function ranks(lab: Lab, name: SubjectName): Promise<Check> {
  return attempt(
    `${name}: output error of activation-svd ≤ svd in every layer, rank ${RANK}`,
    async () => {
      const options = { ranks: 'fixed', rank: RANK };
      const { report } = await lab.run(name, [{ method: 'activation-svd', options }]);
      const layers = report.layers.filter(({ errorKind }) => errorKind === 'output');
      const pairs = layers.flatMap(({ relativeError: white, baselineRelativeError: plain }) =>
        plain === undefined ? [] : [{ white, plain }],
      );
      const worse = pairs.filter(({ white, plain }) => white > plain * (1 + 1e-5));
      const mean = (of: readonly number[]): string =>
        (of.reduce((sum, value) => sum + value, 0) / of.length).toPrecision(3);
      const [own, other] = [pairs.map(({ white }) => white), pairs.map(({ plain }) => plain)];
      return {
        found: `${worse.length} of ${pairs.length} layers worse; mean error ${mean(own)} and ${mean(other)}`,
        holds: pairs.length > 0 && worse.length === 0,
      };
    },
  );
}

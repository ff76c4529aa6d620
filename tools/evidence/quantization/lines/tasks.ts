import type { MetricName } from '../../../../src/core/metrics/types.ts';
import type { Lab, SubjectName } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { PRODUCTS } from '../variants.ts';

const MODELS: readonly SubjectName[] = ['mail', 'handwriting'];
const ACCURACY: MetricName = 'accuracy';
const POINT = 0.01;

interface Trial {
  readonly title: string;
  readonly step: object;
  /** The most that may be lost, from the standard error of the difference. */
  readonly within: (standardError: number) => number;
  readonly said: string;
}

const oneError = (standardError: number): number => standardError;
const GRID = { symmetric: false, clip: 'output', order: 'blocks', scales: 'float16' };
/** As in the table of the ladder: 200 steps, and the original as teacher. */
const TRAINED = { bits: 2, steps: 300, batchSize: 16, scales: 'float16' };

const TRIALS: readonly Trial[] = [
  {
    title: '4 bits (qronos, fitted grids)',
    step: { method: 'qronos', target: PRODUCTS, options: { bits: 4, ...GRID, refine: 4 } },
    ...{ within: oneError, said: 'one standard error' },
  },
  {
    title: '2 bits (qat)',
    step: { method: 'qat', target: PRODUCTS, options: TRAINED },
    ...{ within: () => POINT, said: '1 point' },
  },
  ...['static-int8', 'dynamic-int8'].map((method) => ({
    title: method,
    step: { method, target: PRODUCTS, options: {} },
    ...{ within: oneError, said: 'one standard error' },
  })),
];

export const tasks: Line = {
  number: 3,
  claim:
    'mail and handwriting: 4 bits within one standard error of the original; 2 bits with QAT within 1 point; static-int8 and dynamic-int8 likewise',
  checks: async function* (lab) {
    for (const name of MODELS) {
      for (const trial of TRIALS) yield await accuracyOf(lab, name, trial);
    }
  },
};

function accuracyOf(
  lab: Lab,
  name: SubjectName,
  { title, step, within, said }: Trial,
): Promise<Check> {
  return attempt(`${name}, ${title}: accuracy within ${said}`, async () => {
    const { report } = await lab.run(name, [step]);
    const difference = report.evaluation?.difference[ACCURACY];
    if (difference === undefined) throw new Error('Accuracy was not measured.');
    const { compressed, original } = report.evaluation ?? {};
    const found = `${shown(original?.[ACCURACY])} → ${shown(compressed?.[ACCURACY])}, paired ${shown(difference)} (n ${difference.n}), ${report.after.bytes} bytes`;
    return { found, holds: -difference.value <= within(difference.standardError) };
  });
}

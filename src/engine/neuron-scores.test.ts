import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../test/support/sample.ts';
import type { Dataset } from '../core/data/types.ts';
import { findNeurons } from '../core/cuts/neurons.ts';
import { columnProblem } from '../core/methods/pruning/structured/cut-step.ts';
import type { ColumnScore } from '../core/methods/pruning/structured/options.ts';
import { takesOf } from '../core/methods/pruning/structured/looks.ts';
import { unitScores } from '../core/methods/pruning/structured/scores.ts';
import { looksAtInputs } from '../core/statistics/look.ts';
import { ablationLosses } from './ablations.ts';
import { lookProvider } from './compress/look-provider.ts';
import { calibrationOn, type CalibrationRuns } from './data/calibration.ts';
import { withLabels } from './data/labelled-calibration.ts';
import { ownData } from './data/read.ts';
import { openModel, type OpenModel } from './model/open.ts';

const AMOUNT = { samples: 12, length: 64 };
const host = testHost();
let open: OpenModel;
let data: Dataset;
let runs: CalibrationRuns;
let losses: readonly number[];

/** The last block's: after its gates little is left to run. */
const lastGroup = () => {
  const group = findNeurons(open.model, open.anatomy).groups.at(-1);
  if (group === undefined) throw new Error('stories have no feed-forward parts');
  return group;
};

beforeAll(async () => {
  open = await openModel(await sampleModel('stories'));
  const own = await ownData(open, 'calibration');
  if (own === undefined) throw new Error('stories have no calibration data');
  data = own;
  runs = await calibrationOn(host.runtime, open, data, AMOUNT, 0);
  const { members, readers } = lastGroup();
  const ablations = Array.from({ length: members }, (_, neuron) => ({
    gates: [{ value: readers[0].input, columns: [{ from: neuron, end: neuron + 1 }] }],
  }));
  const measured = await ablationLosses(host, { open, calibration: runs }, ablations, {
    progress: () => undefined,
  });
  losses = measured.map(({ value }) => value);
}, 120_000);

async function scoresBy(score: ColumnScore): Promise<Float64Array> {
  const group = lastGroup();
  const options = { score, compensation: 'none', bias: true, damping: 0.01 } as const;
  const labelled = await withLabels(runs, open, data, AMOUNT, 0, host.runtime);
  const looks = looksAtInputs(group.readers, takesOf(options));
  const hooks = { progress: () => undefined };
  const seen = await lookProvider(host.runtime, labelled, new Map()).collect(
    open.model,
    looks,
    hooks,
  );
  const { model, anatomy } = open;
  const ground = { model, anatomy, original: model };
  const meta = { title: 'Test' };
  return unitScores(await columnProblem({ ground, options, meta }, group, [], seen), options);
}

/** Spearman's rank correlation. */
function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length - 1) / 2;
  const both = x.reduce((sum, rank, i) => sum + (rank - mean) * (y[i] - mean), 0);
  return both / x.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
}

function ranks(values: ArrayLike<number>): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i);
  order.sort((i, j) => values[i] - values[j]);
  const found = new Array<number>(values.length);
  order.forEach((at, rank) => (found[at] = rank));
  return found;
}

describe('scores beside the measured loss of every single neuron', () => {
  it('fisher ranks neurons as their losses do', async () => {
    expect(spearman(await scoresBy('fisher'), losses)).toBeGreaterThan(0.7);
  }, 60_000);

  it('taylor is first order: it ranks better than the weights alone, and not as well', async () => {
    const [taylor, magnitude] = [await scoresBy('taylor'), await scoresBy('magnitude')];
    expect(spearman(taylor, losses)).toBeGreaterThan(spearman(magnitude, losses) + 0.2);
  }, 60_000);
});

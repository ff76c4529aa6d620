import type { Ground, Oracle } from '../core/methods/contract.ts';
import type { DecisionNote } from '../core/methods/decision-note.ts';
import { readWeight } from '../core/methods/weight.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { PlannedStep } from '../core/recipe/plan-types.ts';
import { ablationLosses } from './ablations.ts';
import { followedBy, readCompanions } from './companions.ts';
import { lookProvider } from './compress/look-provider.ts';
import { calibrationMissing } from './compress/require-calibration.ts';
import { calibrationOn, DEFAULT_CALIBRATION, type CalibrationRuns } from './data/calibration.ts';
import { seesGradients, withLabels } from './data/labelled-calibration.ts';
import type { Job, TrialInput } from './job.ts';
import type { OpenModel } from './model/open.ts';
import { countTokens } from './vocabulary/corpus.ts';

type Run = Pick<Job, 'host' | 'devices' | 'hooks'>;

/** The step that decides, and what it stands on. */
export interface Asking {
  readonly step: PlannedStep;
  readonly ground: Ground;
  readonly earlier: readonly PlannedStep[];
  /** How data is read behind them. */
  readonly spoken: OpenModel;
  /** Where what it says of itself goes. */
  readonly note: (note: DecisionNote) => void;
}

/** What a step's decision may ask, of the model as the steps before it leave it. */
export function oracleOf(
  { host, devices, hooks }: Run,
  input: TrialInput,
  { step, ground, earlier, spoken, note }: Asking,
): Oracle<unknown> {
  const { open, recipe, dataName } = input;
  const read = { ...input, open: spoken };
  const { method, targets, index } = step;
  const signal = hooks.signal && { signal: hooks.signal };
  const progress = decidingBar({ host, hooks }, method.meta.title);
  const chosen = once(() => calibrationOf({ host }, read, step));
  const labelled = once(async () => labelsOf({ host }, read, await chosen()));
  return {
    ...signal,
    progress,
    note,
    weight: (layer) => readWeight(ground.model, layer),
    plan: (options) =>
      method.plan(ground, targets, options, { index, change: () => undefined, ...signal }),
    fileBytes: async (options) => {
      const changed = { ...recipe.steps[index], options: options as Record<string, unknown> };
      const steps = recipe.steps.with(index, changed);
      const plan = await planRecipe(open.model, open.anatomy, { ...recipe, steps }, { dataName });
      return plan.bytes;
    },
    seen: async (looks) => {
      const data = await (seesGradients(looks) ? labelled() : chosen());
      const provider = lookProvider(host.runtime, data, host.statistics, devices);
      const seen = await provider.collect(ground.model, looks, { ...signal, progress });
      devices.decides(devices.device);
      return seen;
    },
    losses: async (ablations, { from, end, rows } = { from: 0, end: 1 }) => {
      const enough = rows !== undefined && { rows };
      const place = { open: spoken, model: ground.model, calibration: await chosen(), ...enough };
      const on = { ...host, device: devices.device };
      const losses = await ablationLosses(on, place, ablations, {
        ...signal,
        progress: (fraction, detail) => progress(from + (end - from) * fraction, detail),
      });
      devices.decides(devices.device);
      return losses;
    },
    files: async () => followedBy(await readCompanions(open.folder), earlier),
    tokenCounts: async () => {
      if (input.calibration === undefined) throw calibrationMissing(method.meta);
      return countTokens(spoken, input.calibration);
    },
  };
}

/** The calibration data of the recipe, or a sentence that there is none. */
function calibrationOf(
  { host }: Pick<Run, 'host'>,
  { open, recipe, calibration }: TrialInput,
  { method }: PlannedStep,
): Promise<CalibrationRuns> {
  if (calibration === undefined) return Promise.reject(calibrationMissing(method.meta));
  const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
  return calibrationOn(host.runtime, open, calibration, amount, recipe.seed);
}

/** The same with labels, which gradients are taken from. */
async function labelsOf(
  { host }: Pick<Run, 'host'>,
  { open, recipe, calibration }: TrialInput,
  runs: CalibrationRuns,
): Promise<CalibrationRuns> {
  if (calibration === undefined) return runs;
  const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
  return withLabels(runs, open, calibration, amount, recipe.seed, host.runtime);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The run's own bar follows, so deciding takes little of it. */
const DECIDING = 0.02;
/** From so much of a decision on its pace tells how long the rest takes. */
const TELLING = 0.03;

/** Tells how far a decision is, and how long it still takes. */
function decidingBar({ host, hooks }: Pick<Run, 'host' | 'hooks'>, title: string) {
  const started = host.now();
  return (fraction: number, detail?: string): void => {
    const seconds = (host.now() - started) / 1000;
    const left = fraction >= TELLING && { secondsLeft: (seconds * (1 - fraction)) / fraction };
    hooks.progress({
      stage: `Deciding: ${title}`,
      fraction: fraction * DECIDING,
      ...(detail !== undefined && { detail }),
      ...left,
    });
  };
}

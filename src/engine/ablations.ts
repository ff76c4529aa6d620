import { gateSites } from '../core/ablation/gate-sites.ts';
import { replacedWeights } from '../core/ablation/replaced-weights.ts';
import type { Ablation, AblationLoss } from '../core/ablation/types.ts';
import type { Dataset } from '../core/data/types.ts';
import { takeBranch } from '../core/onnx/branches/take-branch.ts';
import type { Model } from '../core/onnx/types.ts';
import type { Calibration } from '../core/recipe/types.ts';
import type { Measure } from '../runtime/ablations/losses.ts';
import { measureAblations as measureOn } from '../runtime/ablations/measure-ablations.ts';
import { probe } from '../runtime/capabilities.ts';
import { isFloat, scoreOutput } from '../runtime/evaluate/logits.ts';
import { outputPorts } from '../runtime/ports.ts';
import { sessionFit } from '../runtime/session-fit.ts';
import { computedBefore } from './compress/look-keys.ts';
import type { StageHooks } from './compress/types.ts';
import { calibrationOn, DEFAULT_CALIBRATION, type CalibrationRuns } from './data/calibration.ts';
import { sha256OfJson } from './hash.ts';
import type { Host } from './host.ts';
import { KeptLosses } from './kept-losses.ts';
import type { OpenModel } from './model/open.ts';

/** Answers that are compared, at most: more make the error smaller, and the order of what goes hardly better. */
const ENOUGH = { rows: 4000, examples: 128 } as const;

/** A model whose ablations are measured: the opened one, or what steps of a recipe made of it. */
export interface AblationGround {
  readonly open: Pick<OpenModel, 'model' | 'task'>;
  /** Absent: the opened one. */
  readonly model?: Model;
  readonly calibration: CalibrationRuns;
  /** Rows of answers that are enough; absent: {@link ENOUGH}. */
  readonly rows?: number;
}

/** Where ablations are run and remembered. */
export type AblationHost = Pick<Host, 'runtime' | 'statistics' | 'device'> &
  Partial<Pick<Host, 'storage' | 'temporary'>>;

/**
 * What leaving parts of the opened model out costs, measured on calibration data: for a map of all heads or blocks.
 * Chooses the data as a recipe with this calibration and seed would. Throws what `calibrationOn` and
 * {@link ablationLosses} throw.
 */
export async function measureAblations(
  host: AblationHost,
  open: OpenModel,
  data: {
    readonly dataset: Dataset;
    readonly amount?: Pick<Calibration, 'samples' | 'length'>;
    readonly seed?: number;
  },
  ablations: readonly Ablation[],
  hooks: StageHooks,
): Promise<readonly AblationLoss[]> {
  const { dataset, amount = DEFAULT_CALIBRATION, seed = 0 } = data;
  const calibration = await calibrationOn(host.runtime, open, dataset, amount, seed);
  return ablationLosses(host, { open, calibration }, ablations, hooks);
}

/**
 * What each ablation of a model costs on calibration data, in their order; each measured once per (model, calibration, gated
 * values and replaced weights of the request, ablation) and device, in this sitting or an earlier one. At most {@link ENOUGH} answers are compared.
 */
export async function ablationLosses(
  host: AblationHost,
  ground: AblationGround,
  ablations: readonly Ablation[],
  hooks: StageHooks,
): Promise<readonly AblationLoss[]> {
  const { statistics: cache } = host;
  const keys = await keysOf(host, ground, ablations);
  const kept = new KeptLosses(host, keys);
  const before = keys.every((key) => cache.has(key)) ? undefined : await kept.read();
  before?.forEach((loss, at) => cache.set(keys[at], Promise.resolve(loss)));
  const missing = ablations.filter((_, at) => !cache.has(keys[at]));
  const found = await measured(host, ground, missing, ablations, hooks);
  const known = new Map(missing.map((ablation, at) => [ablation, found[at]]));
  const losses = ablations.map(
    async (ablation, at) => known.get(ablation) ?? ((await cache.get(keys[at])) as AblationLoss),
  );
  losses.forEach((loss, at) => cache.set(keys[at], loss));
  const all = await Promise.all(losses);
  if (missing.length > 0) await kept.write(all);
  return all;
}

async function measured(
  host: AblationHost,
  { open, model = open.model, calibration, rows = ENOUGH.rows }: AblationGround,
  missing: readonly Ablation[],
  asked: readonly Ablation[],
  { signal, progress }: StageHooks,
): Promise<readonly AblationLoss[]> {
  if (missing.length === 0) return [];
  const runtime = await host.runtime();
  const { fits } = sessionFit(model, runtime.device, await probe());
  const { batchCount } = calibration;
  let of = batchCount;
  return measureOn(
    runtime,
    {
      ...{ model, ablations: missing, cutAt: asked, batches: calibration.batches() },
      ...{ ...comparedBy(open, model), enough: { ...ENOUGH, rows }, together: fits },
    },
    {
      ...(signal && { signal }),
      progress: ({ ablations, batches, batchesLeft }) => {
        of = Math.min(of, batches + batchesLeft);
        const fraction = (batches + ablations / missing.length) / of;
        progress(Math.min(1, fraction), `batch ${batches + 1} of ${of}`);
      },
    },
  );
}

const SCORED: ReadonlySet<OpenModel['task']> = new Set([
  'language-model',
  'sequence-to-sequence',
  'masked-language-model',
  'classifier',
  'token-classifier',
]);

/** By its probabilities where the model scores classes or tokens, else by its first output of numbers. */
function comparedBy(
  { task }: AblationGround['open'],
  model: Model,
): { readonly output: string; readonly measure: Measure } {
  const outputs = outputPorts(takeBranch(model));
  if (SCORED.has(task)) return { output: scoreOutput({ outputs }), measure: 'kl' };
  const first = outputs.find(isFloat) ?? outputs[0];
  return { output: first.name, measure: 'relative distance' };
}

/** Which values a request gates counts: the model is cut there, and sessions fuse nodes by what stands around them. */
async function keysOf(
  { device = 'wasm' }: AblationHost,
  { open, model = open.model, calibration: { sha256 }, rows }: AblationGround,
  ablations: readonly Ablation[],
): Promise<readonly string[]> {
  const { output, measure } = comparedBy(open, model);
  const before = await computedBefore(takeBranch(model), [output]);
  const sites = gateSites(ablations);
  const weights = replacedWeights(ablations);
  const cut = { sites, ...(weights.length > 0 && { weights }) };
  const seen = { calibration: sha256, rows };
  const common = await sha256OfJson({ ...before, ...seen, measure, device, ...cut });
  return Promise.all(
    ablations.map(({ gates, replaced = [] }) => {
      const given = replaced.map(({ weight, by }) => [weight, by]);
      return sha256OfJson({ loss: common, gates, given });
    }),
  );
}

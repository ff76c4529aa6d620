import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Model } from '../../core/onnx/types.ts';
import { singleLooks, valuesOf, type Look, type SingleLook } from '../../core/statistics/look.ts';
import { seenIn, type Results, type Seen } from '../../core/statistics/seen.ts';
import { isGradientTake } from '../../core/statistics/take.ts';
import { probe } from '../../runtime/capabilities.ts';
import { collectByPart } from '../../runtime/looks/collect-by-part.ts';
import { collectGradients } from '../../runtime/looks/collect-gradients.ts';
import { collectLooks, layerInputs } from '../../runtime/looks/collect-looks.ts';
import { walk } from '../../runtime/looks/walk.ts';
import { sessionFit } from '../../runtime/session-fit.ts';
import type { Device, Runtime } from '../../runtime/types.ts';
import type { CalibrationRuns } from '../data/calibration.ts';
import { keyGradients, keyLooks, type KeyedLook } from './look-keys.ts';
import type { LookProvider, StageHooks } from './types.ts';

/** Results of looks by what they are of; shared by all methods and trials of one opened model. */
export type LookCache = Map<string, Promise<unknown>>;

/** Looks taken on a runtime, each once per (what is computed before it, calibration, rows, take). */
export function lookProvider(
  runtime: () => Promise<Runtime>,
  calibration: CalibrationRuns,
  cache: LookCache,
  on: { readonly device: Device } = { device: 'wasm' },
): LookProvider {
  const { sha256 } = calibration;
  // What was seen on one device never stands for what another one sees.
  const seenOn = () => (on.device === 'wasm' ? sha256 : `${sha256} ${on.device}`);
  return {
    sha256,
    collect: (model, looks, hooks) =>
      untilOwnCancel(hooks, async () => {
        const passes = await passesOf(model, looks, seenOn());
        const missing = passes
          .map((pass) => pass.filter(({ cacheKey }) => !cache.has(cacheKey)))
          .filter((pass) => pass.length > 0);
        const collector = { runtime, calibration, model, hooks, of: missing.length };
        let before: Promise<unknown> = Promise.resolve();
        for (const [at, pass] of missing.entries()) {
          const results = before.then(() => collectPass(collector, pass, at));
          remember(cache, pass, results);
          before = results;
        }
        return seenOf(cache, passes.flat());
      }),
    async *walk(given, signal) {
      yield* walk(await runtime(), { ...given, batches: calibration.batches() }, signal);
    },
  };
}

/**
 * Looks that share a session. The inputs of layers come first and never depend on what else is asked
 * for; of further values one session delivers all, so their names say which ones there were. Gradients have a graph of their own.
 */
async function passesOf(
  model: Model,
  looks: readonly Look[],
  calibration: string,
): Promise<KeyedLook[][]> {
  const inputs = new Set(layerInputs(model));
  const ofLayers = (look: SingleLook) => valuesOf(look).every((value) => inputs.has(value));
  const all = singleLooks(looks);
  const backward = all.filter(({ take }) => isGradientTake(take));
  const singles = all.filter((look) => !backward.includes(look));
  const further = singles.filter((look) => !ofLayers(look));
  const beside = [...new Set(further.flatMap(valuesOf))].sort();
  return [
    await keyLooks(model, singles.filter(ofLayers), calibration, []),
    await keyLooks(model, further, calibration, beside),
    await keyGradients(model, backward, calibration),
  ];
}

interface Collector {
  readonly runtime: () => Promise<Runtime>;
  readonly calibration: CalibrationRuns;
  readonly model: Model;
  readonly hooks: StageHooks;
  /** Passes in all. */
  readonly of: number;
}

/** One pass over the calibration data: in one session where the model fits into one, else part by part. */
async function collectPass(
  { runtime, calibration, model, hooks, of }: Collector,
  pass: readonly KeyedLook[],
  at: number,
): Promise<Results> {
  const done = (fraction: number, detail?: string) => hooks.progress((at + fraction) / of, detail);
  const seen = await seeing({
    runtime,
    calibration,
    model,
    hooks: { ...hooks, progress: done },
    pass,
  });
  return new Map(pass.map(({ cacheKey, view, take }) => [cacheKey, seen.at(view, take)]));
}

type Pass = Omit<Collector, 'of'> & { readonly pass: readonly KeyedLook[] };

async function seeing({ runtime, calibration, model, hooks, pass }: Pass): Promise<Seen> {
  const looks = pass.map(({ view, take }) => ({ ...view, take: [take] }));
  const { batchCount, labelled } = calibration;
  const { progress } = hooks;
  const signal = hooks.signal && { signal: hooks.signal };
  const byBatch = (all: number) => ({
    ...signal,
    progress: (batch: number) => progress(batch / all, `batch ${batch} of ${all}`),
  });
  const device = await runtime();
  if (labelled && pass.some(({ take }) => isGradientTake(take)))
    return collectGradients(device, model, looks, labelled, byBatch(labelled.batchCount));
  const { fits } = sessionFit(model, device.device, await probe());
  return fits
    ? collectLooks(device, model, looks, calibration.batches(), byBatch(batchCount))
    : collectByPart(device, model, looks, calibration.batches(), { ...signal, progress });
}

/** Keeps what a pass will give, so that whoever asks meanwhile waits for the same pass. */
function remember(cache: LookCache, pass: readonly KeyedLook[], results: Promise<Results>): void {
  for (const { cacheKey } of pass) {
    const result = results.then((found) => found.get(cacheKey));
    cache.set(cacheKey, result);
    // A cancelled or failed collection must not answer for the next one.
    result.catch(() => cache.delete(cacheKey));
  }
}

const nothing = Promise.resolve<unknown>(undefined);

async function seenOf(cache: LookCache, looks: readonly KeyedLook[]): Promise<Seen> {
  const found = await Promise.all(looks.map(({ cacheKey }) => cache.get(cacheKey) ?? nothing));
  return seenIn(new Map(looks.map(({ key }, i) => [key, found[i]])));
}

/** Someone else's cancelled pass is no reason to stop: then collects again, unless cancelled as well. */
async function untilOwnCancel<T>(hooks: StageHooks, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const cancelled = error instanceof LatheError && error.code === 'cancelled';
      if (!cancelled || hooks.signal?.aborted === true) throw error;
    }
  }
}

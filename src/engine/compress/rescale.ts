import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { EncodeWork, Rescaled, SeenLayers } from '../../core/methods/contract.ts';
import { looksAtInputs } from '../../core/statistics/look.ts';
import { MOMENTS_AT_ONCE, momentsBytes } from './moments-bytes.ts';
import { methodContext } from './random.ts';
import { requireCalibration } from './require-calibration.ts';
import type { RunningStep } from './types.ts';

const UNSCALED: Rescaled = { factors: new Map(), fillings: new Map() };

/** Decides what weights are scaled by before they are encoded; `share` of the step's bar goes to it. */
export async function rescale(
  work: EncodeWork,
  step: RunningStep,
  share: number,
): Promise<Rescaled> {
  const { rescaling } = work;
  if (rescaling === undefined) return UNSCALED;
  const { context, position, planned, ground } = step;
  throwIfCancelled(context.signal);
  const own = {
    ...methodContext(step, 'rescale', work.draws === true),
    progress: (fraction: number) => context.progress(position, share * fraction, 'scales'),
  };
  const { meta } = planned.method;
  return rescaling.decide(ground, stopsOf(work, step, requireCalibration(context, meta)), own);
}

/** All layers at once, or along a walk where too much would be held of what they read. */
async function* stopsOf(
  { layers: places, rescaling, look }: EncodeWork,
  { context, position, ground }: RunningStep,
  provider: ReturnType<typeof requireCalibration>,
): AsyncGenerator<SeenLayers> {
  const layers = places.map(({ layer }) => layer);
  const take = ['moments', ...(rescaling?.take ?? []), ...(look?.take ?? [])] as const;
  const { signal } = context;
  if (momentsBytes(layers) > MOMENTS_AT_ONCE) {
    const { model } = ground;
    yield* provider.walk({ model, current: () => model, layers, take }, signal);
    return;
  }
  const seen = await provider.collect(ground.model, looksAtInputs(layers, take), {
    ...(signal && { signal }),
    progress: (_, detail) => context.progress(position, 0, detail),
  });
  yield { layers, seen };
}
